using System.ComponentModel.DataAnnotations;

namespace Harima.Storage;

/// <summary>Another S3 store (Ceph, AWS, …) that keeps the bytes instead of the tree. Used where a bucket is named; see
/// docs/reference/deployment.md. Section <c>Harima:Storage:S3</c>.</summary>
public sealed class S3StoreOptions : IValidatableObject
{
    public const string Section = "Harima:Storage:S3";

    /// <summary>The bucket, which must exist and be used by this facility alone (or below <c>Prefix</c>). Empty: files lie in the tree.</summary>
    public string? Bucket { get; set; }

    /// <summary>The store's address, such as <c>https://rgw.example.org</c>.</summary>
    public string? Endpoint { get; set; }

    /// <summary>The region to sign for.</summary>
    public string Region { get; set; } = "us-east-1";

    /// <summary>What all names of objects begin with, such as <c>harima/</c>.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Whether the bucket is named by the path, as Ceph's default is, and not by the host, as AWS wants it.</summary>
    public bool PathStyle { get; set; } = true;

    /// <summary>The access key.</summary>
    public string? AccessKey { get; set; }

    /// <summary>The secret key; better in the environment or in <c>KeyFile</c>.</summary>
    public string? SecretKey { get; set; }

    /// <summary>A file with lines <c>aws_access_key_id = …</c> and <c>aws_secret_access_key = …</c>, instead of the two above.</summary>
    public string? KeyFile { get; set; }

    /// <summary>Larger bodies are sent to the store in parts of this size, in bytes.</summary>
    [Range(5L << 20, 5L << 30)]
    public long PartBytes { get; set; } = 256L << 20;

    /// <summary>Larger objects are copied in parts of a fifth of this size, in bytes. S3 copies at most 5 GiB at once.</summary>
    [Range(25L << 20, 5L << 30)]
    public long CopyBytes { get; set; } = 5L << 30;

    /// <summary>Bytes that were replaced or removed stay in the store for this long: whoever is reading them comes to the end, and a
    /// catalogue put back from a backup not older than this finds all its bytes.</summary>
    public TimeSpan KeepReleased { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whether large GETs are answered with 307 and a presigned URL of the store, where the client is known to follow
    /// it: requests signed in their URL or not at all, by a user agent of <c>RedirectAgents</c>. All others get the bytes through Harima.</summary>
    public bool Redirect { get; set; }

    /// <summary>How the user agents begin that follow redirects to another host, separated by blanks.</summary>
    public string RedirectAgents { get; set; } = "Mozilla/ Wget/ duckdb";

    /// <summary>The store's address as clients reach it, if it is another one than <c>Endpoint</c>.</summary>
    public string? PublicEndpoint { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrEmpty(Bucket))
            yield break;
        if (!IsAddress(Endpoint))
            yield return new ValidationResult($"{Section}:{nameof(Endpoint)} must be an http or https address.");
        if (PublicEndpoint is not null && !IsAddress(PublicEndpoint))
            yield return new ValidationResult($"{Section}:{nameof(PublicEndpoint)} must be an http or https address.");
        if (KeyFile is null && (AccessKey is null || SecretKey is null))
            yield return new ValidationResult(
                $"{Section}: set {nameof(KeyFile)}, or {nameof(AccessKey)} and {nameof(SecretKey)}."
            );
        if (Prefix.StartsWith('/') || (Prefix.Length > 0 && !Prefix.EndsWith('/')))
            yield return new ValidationResult($"{Section}:{nameof(Prefix)} ends with a slash and begins with none.");
    }

    static bool IsAddress(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";
}
