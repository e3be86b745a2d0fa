//! Something between an instance and its metadata service: it adds a header, loses requests of a method or turns them away, and tells what passed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::server::{exchange, status};

pub struct Between {
    pub url: String,
    state: Arc<Mutex<State>>,
}

/// What it does to the requests that come.
#[derive(Debug, Default)]
pub struct Rules {
    /// A header that each gets.
    pub adds: Option<&'static str>,
    /// Requests of this method are never answered.
    pub loses: Option<&'static str>,
    /// So many requests for data are answered 401, as if their token had expired on the way.
    pub turns_away: usize,
}

#[derive(Debug, Default)]
struct State {
    rules: Rules,
    passed: Vec<String>,
    tokens: Vec<String>,
}

impl Between {
    /// In front of the metadata service at that address, until the tests end.
    pub fn new(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::<Mutex<State>>::default();
        let (shared, upstream) = (Arc::clone(&state), upstream.trim_start_matches("http://").to_owned());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (state, upstream) = (Arc::clone(&shared), upstream.clone());
                thread::spawn(move || answer(&state, &upstream, stream.unwrap()));
            }
        });
        Self { url, state }
    }

    pub fn rule(&self, rules: Rules) {
        self.state.lock().unwrap().rules = rules;
    }

    /// What has passed since this was asked last, like `GET /latest/ with token 1 -> 200`; tokens are counted as they come.
    pub fn passed(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().passed)
    }

    /// A token that passed, counted from one.
    pub fn token(&self, number: usize) -> String {
        self.state.lock().unwrap().tokens[number - 1].clone()
    }
}

impl State {
    /// Tells of a request and its answer.
    fn note(&mut self, line: &str, token: Option<&str>, status: u16) {
        let token = token.map(|token| format!(" with token {}", self.number(token))).unwrap_or_default();
        self.passed.push(format!("{line}{token} -> {status}"));
    }

    fn number(&mut self, token: &str) -> usize {
        let known = self.tokens.iter().position(|known| known == token);
        if known.is_none() {
            self.tokens.push(token.to_owned());
        }
        known.map_or(self.tokens.len(), |place| place + 1)
    }
}

/// Serves the one request of a connection.
fn answer(state: &Mutex<State>, upstream: &str, mut stream: TcpStream) {
    let lines = BufReader::new(&mut stream).lines().map(Result::unwrap);
    let mut head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let Some(line) = head.first().map(|first| first.trim_end_matches(" HTTP/1.1").to_owned()) else { return };
    let token = head.iter().find_map(|line| line.strip_prefix("x-aws-ec2-metadata-token: ")).map(str::to_owned);
    let mut state = state.lock().unwrap();
    let rules = &mut state.rules;
    if rules.loses.is_some_and(|method| line.starts_with(method)) {
        drop(state);
        // Until the client gives up.
        let _ = stream.read_to_end(&mut Vec::new());
        return;
    }
    let told = if rules.turns_away > 0 && line.starts_with("GET") {
        rules.turns_away -= 1;
        "HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_owned()
    } else {
        head.extend(rules.adds.map(str::to_owned));
        head.push("connection: close\r\n\r\n".to_owned());
        exchange(upstream, &head.join("\r\n"))
    };
    state.note(&line, token.as_deref(), status(&told));
    drop(state);
    stream.write_all(told.as_bytes()).unwrap();
}
