namespace Harima.S3.Signing;

/// <summary>What a signing key is good for: <c>20130524/us-east-1/s3/aws4_request</c>.</summary>
/// <param name="Date">The day as <c>yyyyMMdd</c>, UTC.</param>
/// <param name="Region">The region.</param>
/// <param name="Service">The service, <c>s3</c>.</param>
public readonly record struct CredentialScope(string Date, string Region, string Service)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Date}/{Region}/{Service}/aws4_request";
}
