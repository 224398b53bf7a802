using Harima.S3.Errors;
using Harima.S3.Xml;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class ListObjects(FileQueries files) : IS3Operation
{
    public const int MaxKeys = 1000;

    public S3Action Action => S3Action.ListObjects;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var encoded = request.WantsUrlEncoding();
        var limit = request.QueryNumber("max-keys", MaxKeys, MaxKeys);
        var marker = request.Query("marker") ?? "";
        var (prefix, delimiter) = Grouping(request);
        var listing = await files.ListBriefAsync(
            request.Principal,
            request.Bucket,
            new ListRequest(prefix, delimiter, marker.Length == 0 ? null : marker, limit),
            cancellationToken
        );
        var result = new ListBucketResult
        {
            Name = request.Bucket,
            Prefix = prefix,
            Delimiter = delimiter,
            MaxKeys = limit,
            UrlEncoded = encoded,
            Marker = marker,
            IsTruncated = listing.Next is not null,
            NextMarker = listing.Next,
            Contents = Contents(listing, withOwner: true),
            CommonPrefixes = CommonPrefixes(listing),
        };
        await request.Response.WriteListingAsync(result, cancellationToken);
    }

    public static (string Prefix, string? Delimiter) Grouping(S3Request request)
    {
        var delimiter = request.Query("delimiter") is { Length: > 0 } given ? given : null;
        // Clients of Ceph ask for keys in any order, which there excludes a delimiter. Here an ordered page costs no more.
        if (delimiter is not null && request.Query("allow-unordered") == "true")
            throw S3Errors.InvalidArgument.With("allow-unordered cannot be used together with a delimiter.");
        return (request.Query("prefix") ?? "", delimiter);
    }

    public static IReadOnlyList<ObjectEntry> Contents(BriefListing listing, bool withOwner)
    {
        var contents = new List<ObjectEntry>(listing.Entries.Count);
        foreach (var entry in listing.Entries)
        {
            if (entry.ETag is not { } etag)
                continue;
            var owner = withOwner ? new Owner(entry.Owner, entry.Owner) : null;
            contents.Add(new ObjectEntry(entry.Name, entry.ModifiedAt, etag, entry.SizeBytes, owner));
        }
        return contents;
    }

    public static IReadOnlyList<string> CommonPrefixes(BriefListing listing) =>
        [.. listing.Entries.Where(entry => entry.IsPrefix).Select(entry => entry.Name)];
}
