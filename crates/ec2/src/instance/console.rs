//! What comes out of the machine: its console and, on Windows, the first administrator's password. Also what is sent in: diagnostic interrupts and
//! reports of its health.
//!
//! There is no machine, so the console tells what would have happened to one, and says so.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-console.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::{BoxedUint, Pkcs1v15Encrypt};
use service::ids::Ids;
use service::keys::InstallationKeys;
use service::openssh::PublicKey;
use service::prelude::*;
use service::rsa_key::Stream;

use super::state::{STARTING_SECONDS, State, elapsed, state_at};
use super::{Instance, authorize, find, find_all};
use crate::catalogue::instance_types;
use crate::key_pair;

service::operations! { Ec2;
    GetConsoleOutput => read(output) authorize(to_read_output),
    GetPasswordData => read(password_data) authorize(to_read_password),
    ReportInstanceStatus => read(report) authorize(to_report),
    SendDiagnosticInterrupt => write(interrupt) authorize(to_interrupt),
}

/// `GetConsoleOutputRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct GetConsoleOutput {
    pub instance_id: String,
    pub latest: Option<bool>,
    pub dry_run: Option<bool>,
}

/// `GetConsoleOutputResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct ConsoleOutput {
    pub instance_id: String,
    pub timestamp: Timestamp,
    /// Base64.
    pub output: Option<String>,
}

/// `GetPasswordDataRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct GetPasswordData {
    pub instance_id: String,
    pub dry_run: Option<bool>,
}

/// `GetPasswordDataResult`.
#[derive(Debug, Serialize, Shaped)]
pub struct PasswordData {
    pub instance_id: String,
    pub timestamp: Timestamp,
    pub password_data: String,
}

/// `ReportInstanceStatusRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct ReportInstanceStatus {
    pub instances: Vec<String>,
    pub status: String,
    pub reason_codes: Vec<String>,
    pub start_time: Option<Timestamp>,
    pub end_time: Option<Timestamp>,
    pub description: Option<String>,
    pub dry_run: Option<bool>,
}

/// `SendDiagnosticInterruptRequest`.
#[derive(Debug, Deserialize, Shaped)]
pub struct SendDiagnosticInterrupt {
    pub instance_id: String,
    pub dry_run: Option<bool>,
}

/// GetConsoleOutput on the instance.
pub fn to_read_output(cx: &Cx, world: &World, input: &GetConsoleOutput) -> Vec<Check> {
    vec![authorize::on_instance(cx, world, &input.instance_id)]
}

/// GetPasswordData on the instance.
pub fn to_read_password(cx: &Cx, world: &World, input: &GetPasswordData) -> Vec<Check> {
    vec![authorize::on_instance(cx, world, &input.instance_id)]
}

/// SendDiagnosticInterrupt on the instance.
pub fn to_interrupt(cx: &Cx, world: &World, input: &SendDiagnosticInterrupt) -> Vec<Check> {
    vec![authorize::on_instance(cx, world, &input.instance_id)]
}

/// ReportInstanceStatus on each instance.
pub fn to_report(cx: &Cx, world: &World, input: &ReportInstanceStatus) -> Vec<Check> {
    authorize::on_instances(cx, world, &input.instances)
}

/// How long after the start AWS takes to have some output.
const FIRST_OUTPUT_SECONDS: i64 = 180;

/// The console since the last start. Only types on Nitro give it up to the last line (`Latest`).
pub fn output(cx: &Cx, world: &World, input: &GetConsoleOutput) -> Result<ConsoleOutput, ApiError> {
    let instance = find(cx, world, &input.instance_id)?;
    let nitro = instance_types::get(&instance.instance_type).is_some_and(instance_types::is_nitro);
    if input.latest == Some(true) && !nitro {
        return Err(ApiError::new(
            "UnsupportedOperation",
            "This instance type does not support retrieving the latest console logs. Supported instance types are those that leverage the AWS \
             Nitro System.",
        ));
    }
    let seconds = if input.latest == Some(true) { STARTING_SECONDS } else { FIRST_OUTPUT_SECONDS };
    let written = elapsed(instance.started_at, cx.now) >= cx.settings.states.lasting(seconds);
    let lines = lines(instance);
    let last = lines.iter().map(|(at, _)| *at).max().unwrap_or(instance.started_at);
    let text = told(&lines);
    Ok(ConsoleOutput {
        instance_id: instance.id.clone(),
        timestamp: last,
        output: written.then(|| STANDARD.encode(text)),
    })
}

/// All of the console since the last start.
pub fn text(instance: &Instance) -> String {
    told(&lines(instance))
}

fn told(lines: &[(Timestamp, String)]) -> String {
    lines.iter().map(|(at, line)| format!("{} {line}\r\n", shown(*at))).collect()
}

fn shown(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What happened in this run.
fn lines(instance: &Instance) -> Vec<(Timestamp, String)> {
    let begin = instance.started_at;
    let mut lines = vec![
        (
            begin,
            "no machine is behind this instance: nothing boots, and this is what would have happened to one".to_owned(),
        ),
        (
            begin,
            format!(
                "{} starts from {} ({}) on {}",
                instance.id, instance.image.id, instance.image.architecture, instance.instance_type
            ),
        ),
    ];
    lines.extend(instance.rebooted_at.map(|at| (at, "the operating system is asked to reboot".to_owned())));
    lines.extend(instance.interrupted_at.map(|at| (at, "a diagnostic interrupt (NMI) arrives".to_owned())));
    lines.extend(instance.reason.map(|reason| (reason.at, reason.kind.message().to_owned())));
    lines.sort_by_key(|(at, _)| *at);
    lines
}

/// How long after the launch Windows takes to have a password.
const PASSWORD_SECONDS: i64 = 240;

/// The administrator's password, encrypted to the key pair of the launch; empty while there is none, and on anything but Windows. It is drawn at the
/// first start and stays the same; a key pair that was deleted meanwhile cannot be encrypted to.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetPasswordData.html>
pub fn password_data(cx: &Cx, world: &World, input: &GetPasswordData) -> Result<PasswordData, ApiError> {
    let instance = find(cx, world, &input.instance_id)?;
    let drawn = cx.settings.states.over_at(instance.created_at, PASSWORD_SECONDS);
    let is_there = instance.image.platform.as_deref() == Some("windows") && drawn <= cx.now;
    let password_data = is_there.then(|| encrypted_password(world, instance)).flatten().unwrap_or_default();
    let timestamp = if password_data.is_empty() { cx.now } else { drawn };
    Ok(PasswordData { instance_id: instance.id.clone(), timestamp, password_data })
}

fn encrypted_password(world: &World, instance: &Instance) -> Option<String> {
    let pair = key_pair::by_name(world, instance.account, &instance.region, instance.key_name.as_deref()?)?;
    let PublicKey::Rsa { exponent, modulus } = PublicKey::parse(&pair.public_key)? else { return None };
    let number = |digits: &[u8]| BoxedUint::from_be_slice_vartime(digits);
    let key = rsa::PublicKey::new(number(&modulus), number(&exponent)).ok()?;
    let keys = InstallationKeys::of(world)?;
    let drawn = Ids::derived(&[keys.token.bytes(), b"windows password", instance.id.as_bytes()]);
    let password: String = drawn.secret().chars().take(32).map(|it| if it == '/' { '!' } else { it }).collect();
    // The padding is drawn from the same: the answer is the same whenever it is asked for.
    let encrypted = key.encrypt(&mut Stream::new(drawn.bytes()), Pkcs1v15Encrypt, password.as_bytes()).ok()?;
    Some(STANDARD.encode(encrypted))
}

/// AWS takes the report in and changes nothing that can be asked for; nor is it kept here.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReportInstanceStatus.html>
pub fn report(cx: &Cx, world: &World, input: &ReportInstanceStatus) -> Result<Done, ApiError> {
    for instance in find_all(cx, world, &input.instances)? {
        must_run(cx, &instance)?;
    }
    if let (Some(begin), Some(end)) = (input.start_time, input.end_time)
        && end < begin
    {
        return Err(ApiError::new("InvalidParameterValue", "The end time cannot be before the start time."));
    }
    Ok(Done {})
}

/// The interrupt shows on the console. <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/diagnostic-interrupt.html>
pub fn interrupt(cx: &Cx, tx: &mut Tx, input: &SendDiagnosticInterrupt) -> Result<Done, ApiError> {
    let instance = find(cx, tx, &input.instance_id)?.clone();
    must_run(cx, &instance)?;
    let nitro = instance_types::get(&instance.instance_type).is_some_and(instance_types::is_nitro);
    if !nitro {
        let message = format!("The instance type {} does not support diagnostic interrupts.", instance.instance_type);
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    tx.update::<Instance>(&[instance.account.as_str(), &instance.region, &instance.id], |it| {
        it.interrupted_at = Some(cx.now);
    });
    Ok(Done {})
}

fn must_run(cx: &Cx, instance: &Instance) -> Result<(), ApiError> {
    if state_at(instance, cx.now, cx.settings.states) == State::Running {
        return Ok(());
    }
    let message = format!("The instance '{}' is not in the 'running' state.", instance.id);
    Err(ApiError::new("IncorrectInstanceState", message))
}
