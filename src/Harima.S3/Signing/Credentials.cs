namespace Harima.S3.Signing;

/// <summary>An access key, with a session token when it is temporary.</summary>
public sealed record Credentials(string AccessKeyId, string SecretKey, string? SessionToken = null)
{
    /// <summary>The access key id alone: secrets stay out of logs.</summary>
    public override string ToString() => AccessKeyId;
}
