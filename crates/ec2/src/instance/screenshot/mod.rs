//! GetConsoleScreenshot: the last lines of the instance's console as a picture.
//!
//! There is no screen, so what is drawn is what [`super::console`] tells, in white on black, 80 columns by 25 lines.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshoot-unreachable-instance.html>

use std::any::Any;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use font8x8::legacy::BASIC_LEGACY;
use service::operation::Preparation;
use service::prelude::*;

use super::state::{State, state_at};
use super::{Instance, authorize, console, find};

mod jpeg;
#[cfg(test)]
mod tests;

service::operations! { Ec2;
    GetConsoleScreenshot => read(get) authorize(to_get) prepare(prepare),
}

/// `GetConsoleScreenshotRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct GetConsoleScreenshot {
    pub instance_id: String,
    /// Nothing here falls asleep.
    pub wake_up: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `GetConsoleScreenshotResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct Screenshot {
    pub instance_id: String,
    /// Base64.
    pub image_data: String,
}

/// GetConsoleScreenshot on the instance.
pub fn to_get(cx: &Cx, world: &World, input: &GetConsoleScreenshot) -> Vec<Check> {
    vec![authorize::on_instance(cx, world, &input.instance_id)]
}

/// The screen of a running instance.
pub fn get(cx: &Cx, world: &World, input: &GetConsoleScreenshot) -> Result<Screenshot, ApiError> {
    let instance = find(cx, world, &input.instance_id)?;
    if state_at(instance, cx.now, cx.settings.states) != State::Running {
        let message = format!("The instance '{}' is not in the 'running' state.", instance.id);
        return Err(ApiError::new("IncorrectInstanceState", message));
    }
    let picture = cx.prepared::<Vec<u8>>().cloned().unwrap_or_else(|| picture(instance));
    Ok(Screenshot { instance_id: instance.id.clone(), image_data: STANDARD.encode(picture) })
}

/// The picture is drawn where it holds up nobody.
pub fn prepare(cx: &Cx, world: &World, input: &GetConsoleScreenshot) -> Option<Preparation> {
    let instance = find(cx, world, &input.instance_id).ok()?.clone();
    Some(Box::new(move |_| Arc::new(picture(&instance)) as Arc<dyn Any + Send + Sync>))
}

fn picture(instance: &Instance) -> Vec<u8> {
    drawn(&shown(&console::text(instance)))
}

const COLUMNS: usize = 80;
const LINES: usize = 25;
/// A letter is eight pixels wide and twice as high.
const WIDE: usize = 8;
const HIGH: usize = 16;

/// The last lines that find room, long ones broken.
fn shown(text: &str) -> Vec<String> {
    let broken = |line: &str| {
        let letters: Vec<char> = line.chars().collect();
        letters.chunks(COLUMNS).map(|part| part.iter().collect::<String>()).collect::<Vec<String>>()
    };
    let lines: Vec<String> = text.lines().flat_map(broken).collect();
    lines.iter().skip(lines.len().saturating_sub(LINES)).cloned().collect()
}

fn drawn(lines: &[String]) -> Vec<u8> {
    let (width, height) = (COLUMNS * WIDE, LINES * HIGH);
    let mut luma = Vec::with_capacity(width * height);
    for y in 0..height {
        let line = lines.get(y / HIGH).map(String::as_str).unwrap_or_default();
        let row_of = |letter: char| {
            let glyph = usize::try_from(u32::from(letter)).ok().and_then(|at| BASIC_LEGACY.get(at));
            glyph.and_then(|glyph| glyph.get(y % HIGH / 2)).copied().unwrap_or(0)
        };
        let letters = line.chars().map(row_of).chain(std::iter::repeat(0)).take(COLUMNS);
        luma.extend(letters.flat_map(|row| (0..WIDE).map(move |x| if row >> x & 1 == 1 { 0xe0 } else { 0x00 })));
    }
    let side = |length: usize| u16::try_from(length).unwrap_or(0);
    jpeg::encode(side(width), side(height), &luma)
}
