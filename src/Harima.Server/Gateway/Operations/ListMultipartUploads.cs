using Harima.S3.Xml;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class ListMultipartUploads(MultipartUploads uploads) : IS3Operation
{
    const int MaxUploads = 1000;

    public S3Action Action => S3Action.ListMultipartUploads;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var encoded = request.WantsUrlEncoding();
        var limit = request.QueryNumber("max-uploads", MaxUploads, MaxUploads);
        var (prefix, delimiter) = ListObjects.Grouping(request);
        var keyMarker = request.Query("key-marker") ?? "";
        var uploadMarker = keyMarker.Length == 0 ? "" : request.Query("upload-id-marker") ?? "";
        // One more than asked for says whether there is a next page.
        var found = await uploads.ListAsync(
            request.Principal,
            request.Bucket,
            prefix,
            keyMarker.Length == 0 ? null : keyMarker,
            uploadMarker.Length == 0 ? null : uploadMarker,
            limit + 1,
            cancellationToken
        );
        var page = found.Take(limit).ToArray();
        var truncated = found.Count > limit && page.Length > 0;
        var result = new ListMultipartUploadsResult(request.Bucket)
        {
            Prefix = prefix,
            Delimiter = delimiter,
            UrlEncoded = encoded,
            KeyMarker = keyMarker,
            UploadIdMarker = uploadMarker,
            MaxUploads = limit,
            IsTruncated = truncated,
            NextKeyMarker = truncated ? page[^1].Key : null,
            NextUploadIdMarker = truncated ? page[^1].Id : null,
            Uploads = [.. page.Where(upload => GroupOf(upload, prefix, delimiter) is null).Select(Entry)],
            CommonPrefixes = [.. page.Select(upload => GroupOf(upload, prefix, delimiter)).OfType<string>().Distinct()],
        };
        await request.Response.WriteListingAsync(result, cancellationToken);
    }

    static UploadEntry Entry(Upload upload) =>
        new(upload.Key, upload.Id, upload.CreatedAt) { Owner = new Owner(upload.Owner, upload.Owner) };

    static string? GroupOf(Upload upload, string prefix, string? delimiter)
    {
        if (delimiter is null)
            return null;
        var end = upload.Key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
        return end < 0 ? null : upload.Key[..(end + delimiter.Length)];
    }
}
