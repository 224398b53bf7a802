using Harima.S3.Xml;
using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed class ListBuckets(FilePlaces places) : IS3Operation
{
    const int MaxBuckets = 10_000;

    public S3Action Action => S3Action.ListBuckets;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var prefix = request.Query("prefix") ?? "";
        var after = request.Query("continuation-token") is { Length: > 0 } token ? PageToken.Decode(token) : "";
        var limit = request.QueryNumber("max-buckets", MaxBuckets, MaxBuckets, minimum: 1);
        var buckets = (await places.ListBucketsAsync(request.Principal, cancellationToken))
            .Where(bucket =>
                bucket.Name.StartsWith(prefix, StringComparison.Ordinal)
                && string.CompareOrdinal(bucket.Name, after) > 0
            )
            .Select(bucket => new BucketEntry(bucket.Name, bucket.CreatedAt))
            .ToArray();
        var user = request.Principal.Actor;
        var result = new ListAllMyBucketsResult(new Owner(user, user), [.. buckets.Take(limit)])
        {
            Prefix = prefix.Length == 0 ? null : prefix,
            ContinuationToken = buckets.Length > limit ? PageToken.Encode(buckets[limit - 1].Name) : null,
        };
        await request.Response.WriteListingAsync(result, cancellationToken);
    }
}
