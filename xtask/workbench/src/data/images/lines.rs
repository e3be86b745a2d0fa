//! The lines of public images that Rolecall lists, with the names their makers give them. Versions go from old to new; the last few real
//! ones suffice for `most_recent` to mean something.

/// What all lines of one maker share.
pub struct Maker {
    pub owner: &'static str,
    pub alias: Option<&'static str>,
    pub platform: Option<&'static str>,
    pub root_device: &'static str,
    /// The letters of `/dev/sdX` or `xvdX` that stand for instance store volumes.
    pub virtual_devices: &'static [&'static str],
    pub free_tier: bool,
}

/// A product that is published again and again. `{version}` in name and description is replaced by one of `versions`.
pub struct Line {
    pub maker: &'static Maker,
    pub name: &'static str,
    pub description: &'static str,
    pub architecture: &'static str,
    /// GiB of the root volume.
    pub size: u32,
    pub volume_type: &'static str,
    pub boot_mode: Option<&'static str>,
    pub imds_support: Option<&'static str>,
    pub tpm_support: Option<&'static str>,
    pub versions: &'static [&'static str],
    /// Public parameters of Systems Manager that name the newest image.
    pub parameters: &'static [&'static str],
}

const AMAZON: Maker = Maker {
    owner: "137112412989",
    alias: Some("amazon"),
    platform: None,
    root_device: "/dev/xvda",
    virtual_devices: &[],
    free_tier: true,
};
const CONTAINERS: Maker = Maker { owner: "591542846629", free_tier: false, ..AMAZON };
const CANONICAL: Maker = Maker {
    owner: "099720109477",
    alias: None,
    root_device: "/dev/sda1",
    virtual_devices: &["/dev/sdb", "/dev/sdc"],
    ..AMAZON
};
const DEBIAN: Maker = Maker { owner: "136693071363", alias: None, ..AMAZON };
const MICROSOFT: Maker = Maker {
    owner: "801119661308",
    platform: Some("windows"),
    root_device: "/dev/sda1",
    virtual_devices: XVD,
    ..AMAZON
};

const XVD: &[&str] = &[
    "xvdca", "xvdcb", "xvdcc", "xvdcd", "xvdce", "xvdcf", "xvdcg", "xvdch", "xvdci", "xvdcj", "xvdck", "xvdcl",
    "xvdcm", "xvdcn", "xvdco", "xvdcp", "xvdcq", "xvdcr", "xvdcs", "xvdct", "xvdcu", "xvdcv", "xvdcw", "xvdcx",
    "xvdcy", "xvdcz",
];

const AL2023: &[&str] =
    &["2023.9.20251014.0", "2023.10.20260216.1", "2023.10.20260302.1", "2023.11.20260427.1", "2023.12.20260930.0"];
const AL2023_SINCE_6_18: &[&str] = &["2023.10.20260302.1", "2023.11.20260427.1", "2023.12.20260930.0"];
const AL2: &[&str] = &["2.0.20251014.0", "2.0.20260216.0", "2.0.20260427.1", "2.0.20260930.0"];
const ECS: &[&str] = &["20260210", "20260223", "20260226", "20260929"];
const NOBLE: &[&str] = &["20250821", "20251022", "20260218"];
const JAMMY: &[&str] = &["20250822", "20251015", "20260212"];
const BOOKWORM: &[&str] = &["20250814-2204", "20251006-2257", "20260210-2384"];
const TRIXIE: &[&str] = &["20250814-2204", "20251006-2257", "20260210-2384"];
const WINDOWS: &[&str] = &["2025.10.15", "2026.02.11", "2026.04.15"];

/// The fields most lines agree on.
const PLAIN: Line = Line {
    maker: &AMAZON,
    name: "",
    description: "",
    architecture: "x86_64",
    size: 8,
    volume_type: "gp3",
    boot_mode: None,
    imds_support: None,
    tpm_support: None,
    versions: &[],
    parameters: &[],
};
const AL2023_X86: Line =
    Line { boot_mode: Some("uefi-preferred"), imds_support: Some("v2.0"), versions: AL2023, ..PLAIN };
const AL2023_ARM: Line = Line { architecture: "arm64", boot_mode: Some("uefi"), ..AL2023_X86 };
const AL2_X86: Line = Line { volume_type: "gp2", versions: AL2, ..PLAIN };
const AL2_ARM: Line = Line { architecture: "arm64", boot_mode: Some("uefi"), ..AL2_X86 };
const ECS_X86: Line = Line { maker: &CONTAINERS, size: 30, versions: ECS, ..AL2023_X86 };
const UBUNTU_X86: Line = Line { maker: &CANONICAL, boot_mode: Some("uefi-preferred"), ..PLAIN };
const DEBIAN_X86: Line = Line { maker: &DEBIAN, boot_mode: Some("uefi-preferred"), ..PLAIN };
const WINDOWS_X86: Line = Line { maker: &MICROSOFT, size: 30, versions: WINDOWS, ..PLAIN };

pub const LINES: &[Line] = &[
    Line {
        name: "al2023-ami-{version}-kernel-6.1-x86_64",
        description: "Amazon Linux 2023 AMI {version} x86_64 HVM kernel-6.1",
        parameters: &[
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64",
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        ],
        ..AL2023_X86
    },
    Line {
        name: "al2023-ami-{version}-kernel-6.1-arm64",
        description: "Amazon Linux 2023 AMI {version} arm64 HVM kernel-6.1",
        parameters: &[
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64",
            "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
        ],
        ..AL2023_ARM
    },
    Line {
        name: "al2023-ami-{version}-kernel-6.12-x86_64",
        description: "Amazon Linux 2023 AMI {version} x86_64 HVM kernel-6.12",
        parameters: &["/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.12-x86_64"],
        ..AL2023_X86
    },
    Line {
        name: "al2023-ami-{version}-kernel-6.12-arm64",
        description: "Amazon Linux 2023 AMI {version} arm64 HVM kernel-6.12",
        parameters: &["/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.12-arm64"],
        ..AL2023_ARM
    },
    Line {
        name: "al2023-ami-{version}-kernel-6.18-x86_64",
        description: "Amazon Linux 2023 AMI {version} x86_64 HVM kernel-6.18",
        versions: AL2023_SINCE_6_18,
        parameters: &["/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.18-x86_64"],
        ..AL2023_X86
    },
    Line {
        name: "al2023-ami-{version}-kernel-6.18-arm64",
        description: "Amazon Linux 2023 AMI {version} arm64 HVM kernel-6.18",
        versions: AL2023_SINCE_6_18,
        parameters: &["/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.18-arm64"],
        ..AL2023_ARM
    },
    Line {
        name: "al2023-ami-minimal-{version}-kernel-6.1-x86_64",
        description: "Amazon Linux 2023 AMI {version} x86_64 Minimal HVM kernel-6.1",
        size: 2,
        parameters: &[
            "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-6.1-x86_64",
            "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-x86_64",
        ],
        ..AL2023_X86
    },
    Line {
        name: "al2023-ami-minimal-{version}-kernel-6.1-arm64",
        description: "Amazon Linux 2023 AMI {version} arm64 Minimal HVM kernel-6.1",
        size: 2,
        parameters: &[
            "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-6.1-arm64",
            "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64",
        ],
        ..AL2023_ARM
    },
    Line {
        name: "amzn2-ami-hvm-{version}-x86_64-gp2",
        description: "Amazon Linux 2 AMI {version} x86_64 HVM gp2",
        parameters: &[
            "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2",
            "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-4.14-hvm-x86_64-gp2",
        ],
        ..AL2_X86
    },
    Line {
        name: "amzn2-ami-hvm-{version}-x86_64-ebs",
        description: "Amazon Linux 2 AMI {version} x86_64 HVM ebs",
        volume_type: "standard",
        parameters: &[
            "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-ebs",
            "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-4.14-hvm-x86_64-ebs",
        ],
        ..AL2_X86
    },
    Line {
        name: "amzn2-ami-hvm-{version}-arm64-gp2",
        description: "Amazon Linux 2 LTS Arm64 AMI {version} arm64 HVM gp2",
        parameters: &[
            "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-arm64-gp2",
            "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-4.14-hvm-arm64-gp2",
        ],
        ..AL2_ARM
    },
    Line {
        name: "amzn2-ami-kernel-5.10-hvm-{version}-x86_64-gp2",
        description: "Amazon Linux 2 Kernel 5.10 AMI {version} x86_64 HVM gp2",
        parameters: &[
            "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-5.10-hvm-x86_64-gp2",
            "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-default-hvm-x86_64-gp2",
        ],
        ..AL2_X86
    },
    Line {
        name: "amzn2-ami-kernel-5.10-hvm-{version}-arm64-gp2",
        description: "Amazon Linux 2 LTS Arm64 Kernel 5.10 AMI {version} arm64 HVM gp2",
        parameters: &[
            "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-5.10-hvm-arm64-gp2",
            "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-default-hvm-arm64-gp2",
        ],
        ..AL2_ARM
    },
    Line {
        name: "al2023-ami-ecs-hvm-2023.0.{version}-kernel-6.1-x86_64",
        description: "Amazon Linux AMI 2023.0.{version} x86_64 ECS HVM EBS",
        parameters: &["/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"],
        ..ECS_X86
    },
    Line {
        name: "al2023-ami-ecs-hvm-2023.0.{version}-kernel-6.1-arm64",
        description: "Amazon Linux AMI 2023.0.{version} arm64 ECS HVM EBS",
        architecture: "arm64",
        boot_mode: Some("uefi"),
        parameters: &["/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id"],
        ..ECS_X86
    },
    Line {
        maker: &CONTAINERS,
        name: "amzn2-ami-ecs-hvm-2.0.{version}-x86_64-ebs",
        description: "Amazon Linux AMI 2.0.{version} x86_64 ECS HVM GP2",
        size: 30,
        versions: ECS,
        parameters: &["/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id"],
        ..AL2_X86
    },
    Line {
        name: "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-{version}",
        description: "Canonical, Ubuntu, 22.04, amd64 jammy image",
        volume_type: "gp2",
        versions: JAMMY,
        parameters: &[
            "/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id",
            "/aws/service/canonical/ubuntu/server/jammy/stable/current/amd64/hvm/ebs-gp2/ami-id",
        ],
        ..UBUNTU_X86
    },
    Line {
        name: "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-arm64-server-{version}",
        description: "Canonical, Ubuntu, 22.04, arm64 jammy image",
        volume_type: "gp2",
        versions: JAMMY,
        architecture: "arm64",
        boot_mode: Some("uefi"),
        parameters: &[
            "/aws/service/canonical/ubuntu/server/22.04/stable/current/arm64/hvm/ebs-gp2/ami-id",
            "/aws/service/canonical/ubuntu/server/jammy/stable/current/arm64/hvm/ebs-gp2/ami-id",
        ],
        ..UBUNTU_X86
    },
    Line {
        name: "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-{version}",
        description: "Canonical, Ubuntu, 24.04, amd64 noble image",
        volume_type: "gp3",
        versions: NOBLE,
        imds_support: Some("v2.0"),
        parameters: &[
            "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id",
            "/aws/service/canonical/ubuntu/server/noble/stable/current/amd64/hvm/ebs-gp3/ami-id",
        ],
        ..UBUNTU_X86
    },
    Line {
        name: "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-{version}",
        description: "Canonical, Ubuntu, 24.04, arm64 noble image",
        volume_type: "gp3",
        versions: NOBLE,
        architecture: "arm64",
        boot_mode: Some("uefi"),
        imds_support: Some("v2.0"),
        parameters: &[
            "/aws/service/canonical/ubuntu/server/24.04/stable/current/arm64/hvm/ebs-gp3/ami-id",
            "/aws/service/canonical/ubuntu/server/noble/stable/current/arm64/hvm/ebs-gp3/ami-id",
        ],
        ..UBUNTU_X86
    },
    Line {
        name: "debian-12-amd64-{version}",
        description: "Debian 12 ({version})",
        versions: BOOKWORM,
        parameters: &["/aws/service/debian/release/12/latest/amd64"],
        ..DEBIAN_X86
    },
    Line {
        name: "debian-12-arm64-{version}",
        description: "Debian 12 ({version})",
        versions: BOOKWORM,
        architecture: "arm64",
        boot_mode: Some("uefi"),
        parameters: &["/aws/service/debian/release/12/latest/arm64"],
        ..DEBIAN_X86
    },
    Line {
        name: "debian-13-amd64-{version}",
        description: "Debian 13 ({version})",
        versions: TRIXIE,
        parameters: &["/aws/service/debian/release/13/latest/amd64"],
        ..DEBIAN_X86
    },
    Line {
        name: "debian-13-arm64-{version}",
        description: "Debian 13 ({version})",
        versions: TRIXIE,
        architecture: "arm64",
        boot_mode: Some("uefi"),
        parameters: &["/aws/service/debian/release/13/latest/arm64"],
        ..DEBIAN_X86
    },
    Line {
        name: "Windows_Server-2022-English-Full-Base-{version}",
        description: "Microsoft Windows Server 2022 Full Locale English AMI provided by Amazon",
        parameters: &["/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base"],
        ..WINDOWS_X86
    },
    Line {
        name: "Windows_Server-2022-English-Core-Base-{version}",
        description: "Microsoft Windows Server 2022 Core Locale English AMI provided by Amazon",
        parameters: &["/aws/service/ami-windows-latest/Windows_Server-2022-English-Core-Base"],
        ..WINDOWS_X86
    },
    Line {
        name: "Windows_Server-2025-English-Full-Base-{version}",
        description: "Microsoft Windows Server 2025 Full Locale English AMI provided by Amazon",
        boot_mode: Some("uefi"),
        tpm_support: Some("v2.0"),
        parameters: &["/aws/service/ami-windows-latest/Windows_Server-2025-English-Full-Base"],
        ..WINDOWS_X86
    },
    Line {
        name: "Windows_Server-2025-English-Core-Base-{version}",
        description: "Microsoft Windows Server 2025 Core Locale English AMI provided by Amazon",
        boot_mode: Some("uefi"),
        tpm_support: Some("v2.0"),
        parameters: &["/aws/service/ami-windows-latest/Windows_Server-2025-English-Core-Base"],
        ..WINDOWS_X86
    },
];
