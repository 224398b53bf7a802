using Harima.S3.Errors;
using Harima.S3.Xml;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class UploadPartCopy(FileQueries files, MultipartUploads uploads) : IS3Operation
{
    public S3Action Action => S3Action.UploadPartCopy;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var number = request.PartNumber();
        var (sourceBucket, sourceKey, sourceVersion) = CopySource.Read(request);
        using var source = await files.OpenAsync(
            request.Principal.ReadingSource(sourceVersion),
            sourceBucket,
            sourceKey,
            sourceVersion,
            cancellationToken
        );
        Conditions.Check(
            request.Header,
            source.File.ETag,
            source.File.ModifiedAt,
            CopySource.Prefix,
            source.File.EarlierETag
        );
        var range = ReadRange(request, source.File.SizeBytes);

        await using var bytes = new StoredStream(source.Bytes, range.Start, range.LengthBytes);
        var part = await uploads.AddPartAsync(
            request.Principal,
            request.Bucket,
            request.Key,
            request.Query("uploadId")!,
            number,
            bytes,
            new BodyExpectation { LengthBytes = range.LengthBytes },
            cancellationToken
        );
        if (source.File.IsVersioned)
            request.Response.Headers["x-amz-copy-source-version-id"] = source.File.Version;
        await request.Response.WriteAsync(new CopyPartResult(part.ETag, part.ModifiedAt), cancellationToken);
    }

    // Stricter than for GET: a range that reaches beyond the source is refused, not cut.
    static ByteRange ReadRange(S3Request request, long sizeBytes)
    {
        if (request.Header("x-amz-copy-source-range") is not { } header)
            return new ByteRange(0, sizeBytes);
        if (
            ByteRange.TryParse(header, long.MaxValue, out var range) != true
            || header.EndsWith('-')
            || header.Contains("=-")
        )
        {
            throw S3Errors.InvalidArgument.With(
                "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
                    + "zero-based offsets of the first and last bytes to copy"
            );
        }
        return range.End < sizeBytes
            ? range
            : throw S3Errors.InvalidRange.With("The specified copy range is invalid for the source object size.");
    }
}
