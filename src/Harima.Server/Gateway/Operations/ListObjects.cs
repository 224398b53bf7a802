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
        var listing = await files.ListAsync(
            request.Principal,
            request.Bucket,
            new ListRequest(prefix, delimiter, marker.Length == 0 ? null : marker, limit, Brief: true),
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

    public static IReadOnlyList<ObjectEntry> Contents(Listing listing, bool withOwner)
    {
        var contents = new List<ObjectEntry>(listing.Entries.Count);
        foreach (var entry in listing.Entries)
        {
            if (entry.File is not { } file)
                continue;
            var owner = withOwner ? new Owner(file.Owner, file.Owner) : null;
            contents.Add(new ObjectEntry(entry.Name, file.ModifiedAt, file.ETag, file.SizeBytes, owner));
        }
        return contents;
    }

    public static IReadOnlyList<string> CommonPrefixes(Listing listing) =>
        [.. listing.Entries.Where(entry => entry.File is null).Select(entry => entry.Name)];
}
