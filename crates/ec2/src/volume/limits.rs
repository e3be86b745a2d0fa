//! What sizes and performance each type of volume can have. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html>

use service::prelude::*;

use super::record::Shape;

/// The bounds of a type.
struct Limits {
    volume_type: &'static str,
    /// GiB.
    size: (i64, i64),
    /// What may be provisioned, and at most per GiB; `None` where nothing is.
    iops: Option<(i64, i64, i64)>,
}

const LIMITS: [Limits; 7] = [
    Limits { volume_type: "standard", size: (1, 1024), iops: None },
    Limits { volume_type: "gp2", size: (1, 16_384), iops: None },
    Limits { volume_type: "gp3", size: (1, 65_536), iops: Some((3000, 80_000, 500)) },
    Limits { volume_type: "io1", size: (4, 16_384), iops: Some((100, 64_000, 50)) },
    Limits { volume_type: "io2", size: (4, 65_536), iops: Some((100, 256_000, 1000)) },
    Limits { volume_type: "st1", size: (125, 16_384), iops: None },
    Limits { volume_type: "sc1", size: (125, 16_384), iops: None },
];

/// The IOPS and MiB/s that gp3 has when nothing is asked for.
pub const GP3_IOPS: i64 = 3000;
pub const GP3_THROUGHPUT: i64 = 125;
const GP3_MOST_THROUGHPUT: i64 = 2000;

/// IOPS of gp2 follow from the size. <https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html>
pub fn gp2_iops(size: i64) -> i64 {
    size.saturating_mul(3).clamp(100, 16_000)
}

/// A shape of that size and type, with the performance asked for, else the one that comes with it.
pub fn with_defaults(size: i64, volume_type: String, iops: Option<i64>, throughput: Option<i64>) -> Shape {
    let iops = match volume_type.as_str() {
        "gp2" => Some(gp2_iops(size)),
        "gp3" => iops.or(Some(GP3_IOPS)),
        _ => iops,
    };
    let throughput = (volume_type == "gp3").then(|| throughput.unwrap_or(GP3_THROUGHPUT));
    Shape { size, volume_type, iops, throughput }
}

/// Whether IOPS are provisioned for the type.
pub fn is_provisioned(volume_type: &str) -> bool {
    matches!(volume_type, "gp3" | "io1" | "io2")
}

/// Performance that was asked for must be asked of a type that has it.
pub fn check_asked(volume_type: &str, iops: Option<i64>, throughput: Option<i64>) -> Result<(), ApiError> {
    if iops.is_some() && !is_provisioned(volume_type) {
        return Err(combination(format!("The parameter iops is not supported for {volume_type} volumes.")));
    }
    if throughput.is_some() && volume_type != "gp3" {
        return Err(combination(format!("The parameter throughput is not supported for {volume_type} volumes.")));
    }
    Ok(())
}

/// Size, IOPS and throughput must be within the type's bounds.
pub fn check(shape: &Shape) -> Result<(), ApiError> {
    let Some(limits) = LIMITS.iter().find(|limits| limits.volume_type == shape.volume_type) else {
        return Err(ApiError::new("UnknownVolumeType", format!("Unknown volume type: {}", shape.volume_type)));
    };
    let ((least, most), size) = (limits.size, shape.size);
    if size < least {
        return Err(value(format!("Volume of {size}GiB is too small; minimum is {least}GiB.")));
    }
    if size > most {
        let kind = limits.volume_type;
        return Err(value(format!("Volume of {size}GiB is too large for volume type {kind}; maximum is {most}GiB.")));
    }
    if let (Some(bounds), Some(iops)) = (limits.iops, shape.iops) {
        check_iops(bounds, iops, size)?;
    }
    match (shape.throughput, shape.iops) {
        (Some(throughput), Some(iops)) => check_throughput(throughput, iops),
        _ => Ok(()),
    }
}

fn check_iops((least, most, per_gib): (i64, i64, i64), iops: i64, size: i64) -> Result<(), ApiError> {
    if iops < least {
        return Err(value(format!("Volume iops of {iops} is too low; minimum is {least}.")));
    }
    if iops > most {
        return Err(value(format!("Volume iops of {iops} is too high; maximum is {most}.")));
    }
    // What a type has at least is never too much for a small volume.
    if iops > least && iops > size.saturating_mul(per_gib) {
        let ratio = quotient(iops, size);
        return Err(value(format!("Iops to volume size ratio of {ratio} is too high; maximum is {per_gib}")));
    }
    Ok(())
}

fn check_throughput(throughput: i64, iops: i64) -> Result<(), ApiError> {
    if throughput < GP3_THROUGHPUT {
        return Err(value(format!("Volume throughput of {throughput} is too low; minimum is {GP3_THROUGHPUT}.")));
    }
    if throughput > GP3_MOST_THROUGHPUT {
        return Err(value(format!("Volume throughput of {throughput} is too high; maximum is {GP3_MOST_THROUGHPUT}.")));
    }
    if throughput.saturating_mul(4) > iops {
        let ratio = quotient(throughput, iops);
        return Err(value(format!(
            "Throughput (MiBps) to iops ratio of {ratio} is too high; maximum is 0.250000 MiBps per iops"
        )));
    }
    Ok(())
}

/// With six decimals, as AWS writes ratios.
fn quotient(a: i64, b: i64) -> String {
    let millionths = a.saturating_mul(1_000_000).checked_div(b).unwrap_or_default();
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

fn value(message: String) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

fn combination(message: String) -> ApiError {
    ApiError::new("InvalidParameterCombination", message)
}
