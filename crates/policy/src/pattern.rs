//! Text patterns of the policy language: wildcards, policy variables, and ARNs matched part by part. Patterns are taken apart once,
//! when a policy is read; matching one without variables allocates nothing. What a variable stands for is always literal text.
//! Start reading at [`Pattern`], then [`ArnPattern`].

use crate::context::{Context, Values};
use std::borrow::Cow;

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Literal(Box<str>),
    /// `*`: any run of characters, also none.
    Star,
    /// `?`: exactly one unit of UTF-16, so that a character beyond U+FFFF takes two (recorded in September 2026).
    One,
    /// `${key}` or `${key, 'default'}`.
    Variable {
        key: Box<str>,
        default: Option<Box<str>>,
    },
}

/// A piece whose variable has been replaced.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'a> {
    Literal(&'a str),
    Star,
    One,
}

/// What a text may contain beside literal characters.
#[derive(Debug, Clone, Copy)]
pub struct Syntax {
    /// `*` and `?` are wildcards.
    pub wildcards: bool,
    /// `${…}` are variables (documents of version 2012-10-17).
    pub variables: bool,
}

/// A text with wildcards and variables.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    pieces: Box<[Piece]>,
    has_variables: bool,
}

impl Pattern {
    pub fn parse(text: &str, syntax: Syntax) -> Self {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            let (piece, after) = special(rest, next, syntax);
            match piece {
                Some(piece) => {
                    flush(&mut literal, &mut pieces);
                    // A run of stars means one, and would only cost time.
                    if !(piece == Piece::Star && pieces.last() == Some(&Piece::Star)) {
                        pieces.push(piece);
                    }
                }
                None => literal.push_str(rest.get(..rest.len() - after.len()).unwrap_or_default()),
            }
            rest = after;
        }
        flush(&mut literal, &mut pieces);
        let pieces = merge_literals(pieces);
        let has_variables = pieces.iter().any(|piece| matches!(piece, Piece::Variable { .. }));
        Self { pieces: pieces.into_boxed_slice(), has_variables }
    }

    pub fn has_variables(&self) -> bool {
        self.has_variables
    }

    /// The names of the variables in it, as written.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable { key, .. } => Some(key.as_ref()),
            _ => None,
        })
    }

    /// Whether the whole text matches. A variable without value matches nothing.
    pub fn matches(&self, text: &str, context: &Context, case: Case) -> bool {
        match &*self.pieces {
            [] => text.is_empty(),
            [Piece::Star] => true,
            [Piece::Literal(only)] => case.equal(only, text),
            [Piece::Literal(start), Piece::Star] => case.strip_prefix(text, start).is_some(),
            pieces if !self.has_variables => match_tokens(pieces.len(), |at| fixed_token(pieces.get(at)), text, case),
            _ => match self.resolve(context) {
                Some(tokens) => match_tokens(tokens.len(), |at| tokens.get(at).copied(), text, case),
                None => false,
            },
        }
    }

    /// The text of a pattern without wildcards, its variables replaced; None if one has no value.
    pub fn resolved_text(&self, context: &Context) -> Option<Cow<'_, str>> {
        if let [Piece::Literal(only)] = &*self.pieces {
            return Some(Cow::Borrowed(only));
        }
        let texts = self.resolve(context)?.into_iter().map(|token| match token {
            Token::Literal(text) => text,
            Token::Star => "*",
            Token::One => "?",
        });
        Some(Cow::Owned(texts.collect()))
    }

    /// The pieces with their variables replaced; None if one has no value.
    fn resolve<'a>(&'a self, context: &'a Context) -> Option<Vec<Token<'a>>> {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Variable { key, default } => match context.get(key) {
                    Some(Values::Single(value)) => Some(Token::Literal(value)),
                    // A list stands for no text, and the default is for a key that is absent (recorded).
                    Some(Values::Multi(values)) if !values.is_empty() => None,
                    Some(Values::Multi(_)) | None => default.as_deref().map(Token::Literal),
                },
                other => fixed_token(Some(other)),
            })
            .collect()
    }
}

fn flush(literal: &mut String, pieces: &mut Vec<Piece>) {
    if !literal.is_empty() {
        pieces.push(Piece::Literal(std::mem::take(literal).into_boxed_str()));
    }
}

/// Escapes as `${*}` come as literals of their own; neighbours become one, so that the fast paths apply.
fn merge_literals(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut merged: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match (merged.last_mut(), piece) {
            (Some(Piece::Literal(before)), Piece::Literal(after)) => *before = format!("{before}{after}").into(),
            (_, piece) => merged.push(piece),
        }
    }
    merged
}

/// The wildcard or variable that stands at the start of `rest` (None: a plain character), and what follows.
fn special(rest: &str, next: char, syntax: Syntax) -> (Option<Piece>, &str) {
    let after = rest.get(next.len_utf8()..).unwrap_or_default();
    match next {
        '*' if syntax.wildcards => (Some(Piece::Star), after),
        '?' if syntax.wildcards => (Some(Piece::One), after),
        '$' if syntax.variables => match variable(rest) {
            Some((piece, after)) => (Some(piece), after),
            None => (None, after),
        },
        _ => (None, after),
    }
}

/// Reads `${…}`. An unfinished one is plain text.
fn variable(rest: &str) -> Option<(Piece, &str)> {
    let (inside, after) = rest.strip_prefix("${")?.split_once('}')?;
    if matches!(inside, "*" | "?" | "$") {
        return Some((Piece::Literal(inside.into()), after));
    }
    let with_default = inside.split_once(", '").and_then(|(key, rest)| Some((key, rest.strip_suffix('\'')?)));
    let piece = match with_default {
        Some((key, default)) => Piece::Variable { key: key.into(), default: Some(default.into()) },
        None => Piece::Variable { key: inside.into(), default: None },
    };
    Some((piece, after))
}

fn fixed_token(piece: Option<&Piece>) -> Option<Token<'_>> {
    match piece? {
        Piece::Literal(text) => Some(Token::Literal(text)),
        Piece::Star => Some(Token::Star),
        Piece::One => Some(Token::One),
        Piece::Variable { .. } => None,
    }
}

/// Whether letters must agree in case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Case {
    Exact,
    /// ASCII letters only: action names.
    Ignored,
}

impl Case {
    fn equal(self, one: &str, other: &str) -> bool {
        match self {
            Self::Exact => one == other,
            Self::Ignored => one.eq_ignore_ascii_case(other),
        }
    }

    fn strip_prefix<'a>(self, text: &'a str, prefix: &str) -> Option<&'a str> {
        match self {
            Self::Exact => text.strip_prefix(prefix),
            Self::Ignored => {
                let (start, rest) = text.split_at_checked(prefix.len())?;
                start.eq_ignore_ascii_case(prefix).then_some(rest)
            }
        }
    }
}

/// Matches tokens against all of a text. It goes back to the last star only: between two stars the leftmost place is always good
/// enough, so time stays within pattern length times text length.
fn match_tokens<'a>(count: usize, token: impl Fn(usize) -> Option<Token<'a>>, text: &str, case: Case) -> bool {
    let mut at = 0;
    let mut rest = Rest { text, halved: false };
    let mut retry: Option<(usize, Rest<'_>)> = None;
    loop {
        let step = match token(at) {
            Some(Token::Star) => {
                retry = Some((at + 1, rest));
                Some(rest)
            }
            Some(Token::One) => rest.without_unit(),
            Some(Token::Literal(literal)) => rest.without_prefix(literal, case),
            None if at == count && rest.text.is_empty() => return true,
            None => None,
        };
        if let Some(after) = step {
            at += 1;
            rest = after;
            continue;
        }
        let Some((resume, from)) = retry else { return false };
        let Some(shorter) = from.without_unit() else { return false };
        retry = Some((resume, shorter));
        at = resume;
        rest = shorter;
    }
}

/// What is still to be matched of a text. `halved`: of its first character one of the two units of UTF-16 is matched.
#[derive(Debug, Clone, Copy)]
struct Rest<'a> {
    text: &'a str,
    halved: bool,
}

impl<'a> Rest<'a> {
    fn without_unit(self) -> Option<Self> {
        let mut characters = self.text.chars();
        let first = characters.next()?;
        if first.len_utf16() == 2 && !self.halved {
            return Some(Self { halved: true, ..self });
        }
        Some(Self { text: characters.as_str(), halved: false })
    }

    fn without_prefix(self, prefix: &str, case: Case) -> Option<Self> {
        if self.halved {
            return prefix.is_empty().then_some(self);
        }
        case.strip_prefix(self.text, prefix).map(|text| Self { text, halved: false })
    }
}

/// A text cut at its first five colons, as every ARN is. Parts that are missing are empty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ArnParts<'a>([&'a str; 6]);

impl<'a> ArnParts<'a> {
    pub fn split(text: &'a str) -> Self {
        let mut parts = [""; 6];
        for (part, piece) in parts.iter_mut().zip(text.splitn(6, ':')) {
            *part = piece;
        }
        Self(parts)
    }

    /// Whether a text has the six parts of an ARN, and begins as one.
    pub fn is_arn(text: &str) -> bool {
        text.starts_with("arn:") && text.matches(':').count() >= 5
    }
}

/// An ARN pattern: each of the six parts is matched on its own, so that a wildcard never crosses one of the first five colons.
/// Parts that are missing at the end match anything, as AWS completes short ARNs. `*` alone matches any text at all.
#[derive(Debug, Clone, PartialEq)]
pub enum ArnPattern {
    Anything,
    /// No ARN, which session policies may hold all the same.
    Unreadable,
    Parts(Box<[Pattern]>),
    /// A variable may bring colons with it, so this one is cut after replacement.
    Whole(Pattern),
    /// The same, and it matches nothing if fewer than six parts come of it.
    Complete(Pattern),
}

impl ArnPattern {
    /// A pattern of a Resource element. Variables may stand anywhere, even for a whole ARN, though AWS documents them for the last part only; with one of
    /// them a short ARN is not completed (as the simulator was recorded in September 2026).
    pub fn resource(text: &str, variables: bool) -> Self {
        match Self::read(text, variables) {
            Self::Whole(whole) => Self::Complete(whole),
            other => other,
        }
    }

    /// A value of an Arn condition: variables may stand anywhere.
    pub fn condition(text: &str, variables: bool) -> Self {
        match &*wild(text, variables).pieces {
            [] => Self::Unreadable,
            [Piece::Literal(only)] if is_no_arn(only) => Self::Unreadable,
            _ => Self::read(text, variables),
        }
    }

    fn read(text: &str, variables: bool) -> Self {
        if text == "*" {
            return Self::Anything;
        }
        let whole = wild(text, variables);
        if whole.has_variables() {
            return Self::Whole(whole);
        }
        if variables && text.contains("${") {
            // Escapes as `${*}` hold no colon, so the text can be cut before they are read.
            return Self::Parts(text.splitn(6, ':').map(|part| wild(part, true)).collect());
        }
        Self::Parts(text.splitn(6, ':').map(|part| wild(part, false)).collect())
    }

    /// The same for a condition; None if the pattern is no ARN, or what its variables make of it.
    pub fn compared(&self, text: &ArnParts<'_>, context: &Context) -> Option<bool> {
        match self {
            Self::Unreadable => None,
            Self::Whole(pattern) => match pattern.resolve(context) {
                Some(tokens) if is_unreadable(&tokens) => None,
                Some(tokens) => Some(match_cut(&tokens, text, false)),
                None => Some(false),
            },
            _ => Some(self.matches(text, context)),
        }
    }

    pub fn matches(&self, text: &ArnParts<'_>, context: &Context) -> bool {
        match self {
            Self::Anything => true,
            Self::Unreadable => false,
            Self::Parts(patterns) => {
                patterns.iter().zip(text.0).all(|(pattern, part)| pattern.matches(part, context, Case::Exact))
            }
            Self::Whole(pattern) | Self::Complete(pattern) => match pattern.resolve(context) {
                Some(tokens) => match_cut(&tokens, text, matches!(self, Self::Complete(_))),
                None => false,
            },
        }
    }

    /// The names of the variables in it, as written.
    pub fn variables(&self) -> Vec<&str> {
        match self {
            Self::Anything | Self::Unreadable => Vec::new(),
            Self::Parts(patterns) => patterns.iter().flat_map(Pattern::variables).collect(),
            Self::Whole(pattern) | Self::Complete(pattern) => pattern.variables().collect(),
        }
    }
}

fn is_no_arn(text: &str) -> bool {
    !text.starts_with("arn:")
}

/// Whether tokens without wildcards make a text that is no ARN.
fn is_unreadable(tokens: &[Token<'_>]) -> bool {
    let texts = tokens.iter().map(|token| match token {
        Token::Literal(text) => Some(*text),
        Token::Star | Token::One => None,
    });
    texts.collect::<Option<String>>().is_some_and(|text| is_no_arn(&text))
}

fn wild(text: &str, variables: bool) -> Pattern {
    Pattern::parse(text, Syntax { wildcards: true, variables })
}

/// Cuts tokens at their first five colons and matches the parts, all six of them if the pattern has to be complete.
fn match_cut(tokens: &[Token<'_>], text: &ArnParts<'_>, complete: bool) -> bool {
    let mut parts: Vec<Vec<Token<'_>>> = vec![Vec::new()];
    for token in tokens {
        match token {
            Token::Literal(literal) => {
                let cuts_left = 6 - parts.len();
                for (at, piece) in literal.splitn(cuts_left + 1, ':').enumerate() {
                    if at > 0 {
                        parts.push(Vec::new());
                    }
                    push_last(&mut parts, Token::Literal(piece));
                }
            }
            other => push_last(&mut parts, *other),
        }
    }
    let matches =
        |(part, text): (&Vec<Token<'_>>, &str)| match_tokens(part.len(), |at| part.get(at).copied(), text, Case::Exact);
    (parts.len() == 6 || !complete) && parts.iter().zip(text.0).all(matches)
}

fn push_last<'a>(parts: &mut [Vec<Token<'a>>], token: Token<'a>) {
    if let Some(last) = parts.last_mut() {
        last.push(token);
    }
}
