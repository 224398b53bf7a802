using Harima.S3.Errors;
using Harima.S3.Xml;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class ListObjectVersions(FileQueries files) : IS3Operation
{
    public S3Action Action => S3Action.ListObjectVersions;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var encoded = request.WantsUrlEncoding();
        var limit = request.QueryNumber("max-keys", ListObjects.MaxKeys, ListObjects.MaxKeys);
        var keyMarker = request.Query("key-marker") ?? "";
        var versionMarker = request.Query("version-id-marker") ?? "";
        if (keyMarker.Length == 0 && versionMarker.Length > 0)
            throw S3Errors.InvalidArgument.With("A version-id marker cannot be specified without a key marker.");
        var (prefix, delimiter) = ListObjects.Grouping(request);
        var listing = await files.ListVersionsAsync(
            request.Principal,
            request.Bucket,
            new ListVersionsRequest(
                prefix,
                delimiter,
                keyMarker.Length == 0 ? null : keyMarker,
                versionMarker.Length == 0 ? null : versionMarker,
                limit
            ),
            cancellationToken
        );
        var result = new ListVersionsResult
        {
            Name = request.Bucket,
            Prefix = prefix,
            Delimiter = delimiter,
            MaxKeys = limit,
            UrlEncoded = encoded,
            KeyMarker = keyMarker,
            VersionIdMarker = versionMarker,
            IsTruncated = listing.NextKey is not null,
            NextKeyMarker = listing.NextKey,
            NextVersionIdMarker = listing.NextVersion,
            Versions = [.. listing.Entries.Where(entry => entry.File is not null).Select(Entry)],
            CommonPrefixes = [.. listing.Entries.Where(entry => entry.File is null).Select(entry => entry.Name)],
        };
        await request.Response.WriteListingAsync(result, cancellationToken);
    }

    static ObjectVersionEntry Entry(VersionEntry entry)
    {
        var file = entry.File!;
        return new ObjectVersionEntry(
            new ObjectEntry(file.Key, file.ModifiedAt, file.ETag, file.SizeBytes, new Owner(file.Owner, file.Owner)),
            file.Version,
            entry.IsLatest,
            file.IsMarker
        );
    }
}
