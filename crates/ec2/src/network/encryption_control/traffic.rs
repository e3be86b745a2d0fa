//! The traffic that can be excluded from the enforcement of encryption, and the structures that have a member for each: one list makes them all.

use service::prelude::*;

macro_rules! traffic {
    ($( $(#[$doc:meta])* $variant:ident $member:ident $exclusion:ident; )*) => {
        /// What can be excluded.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Traffic {
            $( $(#[$doc])* $variant, )*
        }

        impl Traffic {
            /// All of it.
            pub const ALL: &'static [Traffic] = &[$( Traffic::$variant ),*];
        }

        /// `VpcEncryptionControlConfiguration`, which a VPC is made with.
        #[derive(Debug, Clone, Default, Deserialize, Shaped)]
        pub struct Configuration {
            pub mode: String,
            $( pub $exclusion: Option<String>, )*
        }

        /// `ModifyVpcEncryptionControlRequest`.
        #[derive(Debug, Default, Deserialize, Shaped)]
        pub struct ModifyControl {
            pub vpc_encryption_control_id: String,
            pub mode: Option<String>,
            $( pub $exclusion: Option<String>, )*
            pub dry_run: Option<bool>,
        }

        /// `ModifyAccountVpcEncryptionControlRequest`.
        #[derive(Debug, Default, Deserialize, Shaped)]
        pub struct ModifyAccountControl {
            pub mode: Option<String>,
            $( pub $member: Option<String>, )*
            pub dry_run: Option<bool>,
        }

        /// `VpcEncryptionControlExclusions`.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
        pub struct Exclusions {
            $( pub $member: ExclusionOut, )*
        }

        /// `AccountVpcEncryptionControlExclusions`.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
        pub struct AccountExclusions {
            $( pub $member: &'static str, )*
        }

        impl Configuration {
            /// What it says of exclusions.
            pub fn wishes(&self) -> Wishes {
                wishes([$( (Traffic::$variant, self.$exclusion.as_deref()) ),*])
            }
        }

        impl ModifyControl {
            /// What it says of exclusions.
            pub fn wishes(&self) -> Wishes {
                wishes([$( (Traffic::$variant, self.$exclusion.as_deref()) ),*])
            }
        }

        impl ModifyAccountControl {
            /// What it says of exclusions.
            pub fn wishes(&self) -> Wishes {
                wishes([$( (Traffic::$variant, self.$member.as_deref()) ),*])
            }
        }

        impl Exclusions {
            /// One for each.
            pub fn of(each: impl Fn(Traffic) -> ExclusionOut) -> Exclusions {
                Exclusions { $( $member: each(Traffic::$variant), )* }
            }
        }

        impl AccountExclusions {
            /// One for each.
            pub fn of(each: impl Fn(Traffic) -> &'static str) -> AccountExclusions {
                AccountExclusions { $( $member: each(Traffic::$variant), )* }
            }
        }
    };
}

traffic! {
    InternetGateway internet_gateway internet_gateway_exclusion;
    EgressOnlyInternetGateway egress_only_internet_gateway egress_only_internet_gateway_exclusion;
    NatGateway nat_gateway nat_gateway_exclusion;
    VirtualPrivateGateway virtual_private_gateway virtual_private_gateway_exclusion;
    VpcPeering vpc_peering vpc_peering_exclusion;
    Lambda lambda lambda_exclusion;
    VpcLattice vpc_lattice vpc_lattice_exclusion;
    ElasticFileSystem elastic_file_system elastic_file_system_exclusion;
    GlobalAccelerator global_accelerator global_accelerator_exclusion;
    ApiGatewayV2 api_gateway_v2 api_gateway_v2_exclusion;
}

/// `VpcEncryptionControlExclusion`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Shaped)]
pub struct ExclusionOut {
    pub state: &'static str,
    pub state_message: Option<&'static str>,
}

/// What a request wants excluded, and what included again.
pub type Wishes = Vec<(Traffic, bool)>;

fn wishes<const N: usize>(said: [(Traffic, Option<&str>); N]) -> Wishes {
    said.into_iter().filter_map(|(traffic, word)| Some((traffic, word? == "enable"))).collect()
}

/// What is excluded once the wishes are fulfilled.
pub fn after(excluded: &[Traffic], wishes: &Wishes) -> Vec<Traffic> {
    let is_excluded = |traffic: &Traffic| {
        let said = wishes.iter().find(|(wished, _)| wished == traffic).map(|(_, excluded)| *excluded);
        said.unwrap_or_else(|| excluded.contains(traffic))
    };
    Traffic::ALL.iter().copied().filter(is_excluded).collect()
}
