using Harima.S3.Xml;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class ListObjectsV2(FileQueries files) : IS3Operation
{
    public S3Action Action => S3Action.ListObjectsV2;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var encoded = request.WantsUrlEncoding();
        var limit = request.QueryNumber("max-keys", ListObjects.MaxKeys, ListObjects.MaxKeys);
        var token = request.Query("continuation-token");
        var startAfter = request.Query("start-after");
        // An empty token is the first page's.
        var after = token is { Length: > 0 } ? PageToken.Decode(token) : startAfter;
        var (prefix, delimiter) = ListObjects.Grouping(request);
        var listing = await files.ListBriefAsync(
            request.Principal,
            request.Bucket,
            new ListRequest(prefix, delimiter, string.IsNullOrEmpty(after) ? null : after, limit),
            cancellationToken
        );
        var result = new ListBucketResultV2
        {
            Name = request.Bucket,
            Prefix = prefix,
            Delimiter = delimiter,
            MaxKeys = limit,
            UrlEncoded = encoded,
            ContinuationToken = token,
            StartAfter = startAfter,
            IsTruncated = listing.Next is not null,
            NextContinuationToken = listing.Next is null ? null : PageToken.Encode(listing.Next),
            Contents = ListObjects.Contents(listing, request.Query("fetch-owner") == "true"),
            CommonPrefixes = ListObjects.CommonPrefixes(listing),
        };
        await request.Response.WriteListingAsync(result, cancellationToken);
    }
}
