//! How many cores an instance has, and threads on each: what a type can have, of launches and of ModifyInstanceCpuOptions.
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-optimize-cpu.html>

use service::prelude::*;

use super::input::CpuWish;
use crate::catalogue::instance_types;

/// Neither number comes without the other.
pub fn check(wish: &CpuWish) -> Result<(), ApiError> {
    if wish.core_count.is_some() == wish.threads_per_core.is_some() { Ok(()) } else { Err(incomplete()) }
}

/// Quoted in <https://github.com/hashicorp/terraform-provider-aws/issues/46821>.
pub fn incomplete() -> ApiError {
    let message = "When specifying CpuOptions you must specify both CoreCount and ThreadsPerCore.";
    ApiError::new("MissingParameter", message)
}

/// The numbers must be of those the type can have. The wording is not recorded.
pub fn must_fit(type_name: &str, cores: Option<i64>, threads: Option<i64>) -> Result<(), ApiError> {
    let known = instance_types::get(type_name).and_then(|kind| kind.v_cpu_info.as_ref());
    let may = |valid: Option<&Vec<i64>>, value: Option<i64>| {
        value.is_none_or(|value| valid.is_some_and(|valid| valid.contains(&value)))
    };
    let wanted = cores.is_some() || threads.is_some();
    let valid_cores = known.and_then(|cpus| cpus.valid_cores.as_ref());
    if wanted && valid_cores.is_none() {
        let message = format!("The instance type {type_name} does not support CPU options.");
        return Err(ApiError::new("UnsupportedOperation", message));
    }
    if !may(valid_cores, cores) {
        return Err(unfit("coreCount", cores, type_name));
    }
    if !may(known.and_then(|cpus| cpus.valid_threads_per_core.as_ref()), threads) {
        return Err(unfit("threadsPerCore", threads, type_name));
    }
    Ok(())
}

fn unfit(parameter: &str, value: Option<i64>, type_name: &str) -> ApiError {
    let value = value.unwrap_or_default();
    let message = format!("Value ({value}) for parameter {parameter} is invalid for the instance type {type_name}.");
    ApiError::new("InvalidParameterValue", message)
}
