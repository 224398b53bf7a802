using Harima.BucketConfiguration;
using Harima.S3.Checksums;
using Harima.S3.Errors;
using Harima.S3.Xml;
using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed class CopyObject(FileQueries files, CopyFile copyFile, ShareBucket share) : IS3Operation
{
    public S3Action Action => S3Action.CopyObject;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var (sourceBucket, sourceKey, sourceVersion) = CopySource.Read(request);
        var replace = ReadDirective(request);
        if (!replace && sourceVersion is null && sourceBucket == request.Bucket && sourceKey == request.Key)
        {
            throw S3Errors.InvalidRequest.With(
                "This copy request is illegal because it is trying to copy an object to itself without changing the "
                    + "object's metadata, storage class, website redirect location or encryption attributes."
            );
        }
        var source = await files.GetAsync(
            request.Principal.ReadingSource(sourceVersion),
            sourceBucket,
            sourceKey,
            sourceVersion,
            cancellationToken
        );
        Conditions.Check(request.Header, source.ETag, source.ModifiedAt, CopySource.Prefix, source.EarlierETag);

        await CannedAcl.RequireForObjectAsync(request, share, cancellationToken);
        var headers = replace ? ObjectHeaders.Read(request) : null;
        var file = await copyFile.HandleAsync(
            new CopyFileRequest(
                sourceBucket,
                sourceKey,
                request.Bucket,
                request.Key,
                headers is null ? null : new CopiedHeaders(headers.ContentType, headers.Others),
                // What is copied is what the conditions were checked for.
                new FileCondition(source.ETag),
                WriteCondition.Read(request),
                ChecksumAlgorithms.TryParse(request.Header("x-amz-checksum-algorithm"), out var algorithm)
                    ? algorithm
                    : null,
                sourceVersion,
                ReplacesTags(request) ? ObjectTags.Read(request) ?? [] : null,
                CannedAcl.IsForBucketOwner(request.Header)
            ),
            request.Principal,
            cancellationToken
        );
        if (source.IsVersioned)
            request.Response.Headers["x-amz-copy-source-version-id"] = source.Version;
        request.Response.SetNewVersion(file);
        var result = new CopyObjectResult(file.ETag, file.ModifiedAt)
        {
            Checksums = [file.ReadChecksums()[0].Checksum],
        };
        await request.Response.WriteAsync(result, cancellationToken);
    }

    static bool ReplacesTags(S3Request request) =>
        request.Header("x-amz-tagging-directive") switch
        {
            null or "COPY" => false,
            "REPLACE" => true,
            _ => throw S3Errors.InvalidArgument.With("Unknown tagging directive."),
        };

    static bool ReadDirective(S3Request request) =>
        request.Header("x-amz-metadata-directive") switch
        {
            null or "COPY" => false,
            "REPLACE" => true,
            _ => throw S3Errors.InvalidArgument.With("Unknown metadata directive."),
        };
}
