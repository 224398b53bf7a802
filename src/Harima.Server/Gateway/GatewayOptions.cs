using System.ComponentModel.DataAnnotations;

namespace Harima.Gateway;

/// <summary>The S3 gateway. Section <c>Harima:S3</c>.</summary>
public sealed class GatewayOptions
{
    public const string Section = "Harima:S3";

    /// <summary>What GetBucketLocation and HeadBucket answer. Signatures for any region are accepted.</summary>
    [Required]
    public string Region { get; set; } = "us-east-1";
}
