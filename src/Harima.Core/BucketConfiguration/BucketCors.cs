using Harima.S3.Xml;
using Harima.Storage;

namespace Harima.BucketConfiguration;

/// <summary>
/// Which pages may use a bucket, for the gateway to answer browsers: asked before anybody has said who they are, so no right is
/// needed. Only workspaces can have a configuration.
/// </summary>
public sealed class BucketCors(BucketSettings settings)
{
    public async Task<CorsConfiguration?> FindAsync(string bucket, CancellationToken cancellationToken) =>
        await settings.FindAsync(bucket, BucketSetting.Cors, cancellationToken) is { } document
            ? Documents.Read<CorsConfiguration>(document)
            : null;
}
