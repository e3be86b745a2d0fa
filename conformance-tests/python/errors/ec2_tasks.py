"""Tasks that export and convert, images of FPGAs: what EC2 refuses."""


def before(server):
    pass


INVALID = (400, "InvalidParameterValue")
NOTHING = (400, "InvalidExportTaskID.NotFound")
AFI = "afi-0123456789abcdef0"
NO_AFI = (400, "InvalidFpgaImageID.NotFound", f"Image ID '{AFI}' not found")
BAD_AFI = (400, "InvalidFpgaImageID.Malformed", "Image ID 'afi-x' is invalid")
TO = {"DiskImageFormat": "VMDK", "S3ExportLocation": {"S3Bucket": "disks"}}

CASES = [
    ("ec2", "ExportImage", {"ImageId": "ami-0123456789abcdef0", **TO}, 400, "InvalidAMIID.NotFound", "The image id '[ami-0123456789abcdef0]' does not exist"),
    ("ec2", "ExportImage", {"ImageId": "ami-0123456789abcdef0", **TO, "DiskImageFormat": "OVA"}, *INVALID,
     "Invalid value 'OVA' for DiskImageFormat."),
    ("ec2", "DescribeExportImageTasks", {"ExportImageTaskIds": ["export-ami-0123456789abcdef0"]}, *NOTHING,
     "The export task ID 'export-ami-0123456789abcdef0' does not exist"),
    ("ec2", "CancelExportTask", {"ExportTaskId": "export-ami-0123456789abcdef0"}, *NOTHING,
     "The export task ID 'export-ami-0123456789abcdef0' does not exist"),
    ("ec2", "CancelExportTask", {"ExportTaskId": "x"}, *NOTHING, "The export task ID 'x' does not exist"),
    ("ec2", "CreateInstanceExportTask", {"InstanceId": "i-0123456789abcdef0", "TargetEnvironment": "vmware", "ExportToS3Task": {"S3Bucket": "disks"}},
     400, "InvalidInstanceID.NotFound", "The instance ID 'i-0123456789abcdef0' does not exist"),
    ("ec2", "DescribeExportTasks", {"ExportTaskIds": ["export-i-0123456789abcdef0"]}, *NOTHING,
     "The export task ID 'export-i-0123456789abcdef0' does not exist"),
    ("ec2", "BundleInstance", {"InstanceId": "i-0123456789abcdef0", "Storage": {"S3": {"Bucket": "disks"}}}, 400, "InvalidInstanceID.NotFound",
     "The instance ID 'i-0123456789abcdef0' does not exist"),
    ("ec2", "CancelBundleTask", {"BundleId": "bun-c1a540a8"}, 400, "InvalidBundleID.NotFound", "The bundle ID 'bun-c1a540a8' does not exist"),
    ("ec2", "DescribeBundleTasks", {"BundleIds": ["bun-c1a540a8"]}, 400, "InvalidBundleID.NotFound", "The bundle ID 'bun-c1a540a8' does not exist"),
    ("ec2", "ConfirmProductInstance", {"InstanceId": "i-0123456789abcdef0", "ProductCode": "774F4FF8"}, 400, "InvalidInstanceID.NotFound",
     "The instance ID 'i-0123456789abcdef0' does not exist"),
    ("ec2", "CancelConversionTask", {"ConversionTaskId": "x"}, 400, "InvalidConversionTaskId", "The conversion task ID 'x' does not exist"),
    ("ec2", "DescribeConversionTasks", {"ConversionTaskIds": ["x"]}, 400, "InvalidConversionTaskId", "The conversion task ID 'x' does not exist"),
    ("ec2", "ImportInstance", {"Platform": "Windows"}, 400, "MissingParameter", "The request must contain the parameter DiskImage"),
    ("ec2", "ImportVolume", {"AvailabilityZone": "us-east-1z", "Volume": {"Size": 5}, "Image": {"Format": "RAW", "Bytes": 1, "ImportManifestUrl": "s3://disks/x"}},
     400, "InvalidZone.NotFound", "The zone 'us-east-1z' does not exist."),
    ("ec2", "CreateFpgaImage", {"InputStorageLocation": {"Key": "x"}}, 400, "MissingParameter",
     "The request must contain the parameter InputStorageLocation.Bucket"),
    ("ec2", "CopyFpgaImage", {"SourceFpgaImageId": AFI, "SourceRegion": "us-east-1"}, *NO_AFI),
    ("ec2", "DeleteFpgaImage", {"FpgaImageId": AFI}, *NO_AFI),
    ("ec2", "DeleteFpgaImage", {"FpgaImageId": "afi-x"}, *BAD_AFI),
    ("ec2", "DescribeFpgaImages", {"FpgaImageIds": [AFI]}, *NO_AFI),
    ("ec2", "DescribeFpgaImages", {"FpgaImageIds": ["afi-x"]}, *BAD_AFI),
    ("ec2", "DescribeFpgaImageAttribute", {"FpgaImageId": AFI, "Attribute": "name"}, *NO_AFI),
    ("ec2", "ModifyFpgaImageAttribute", {"FpgaImageId": AFI, "Name": "sample"}, *NO_AFI),
    ("ec2", "ResetFpgaImageAttribute", {"FpgaImageId": AFI}, *NO_AFI),
]
