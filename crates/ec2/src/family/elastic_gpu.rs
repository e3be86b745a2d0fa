//! Elastic Graphics accelerators, of which there are none: the service ended in January 2024.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeElasticGpus.html>

use service::prelude::*;

use super::Family;
use crate::kind;

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ElasticGpus.html>
pub static ELASTIC_GPUS: Family = Family {
    filters: &[
        "availability-zone",
        "elastic-gpu-health=ElasticGpuHealth.Status",
        "elastic-gpu-state",
        "elastic-gpu-type",
        "instance-id",
    ],
    ..Family::of(&kind::ELASTIC_GPU, "ElasticGpuId")
};

/// The operation.
pub fn operations() -> Vec<Operation> {
    vec![ELASTIC_GPUS.describe("DescribeElasticGpus")]
}
