using System.Data.Common;
using Dapper;
using Harima.Faults;
using Harima.S3.Checksums;
using Harima.S3.Client;
using Harima.S3.Errors;

namespace Harima.Storage;

/// <summary>A store that has multipart uploads itself: parts go there as they come, and it makes them one object.</summary>
interface IKeepsParts
{
    /// <summary>Begins one for an upload that is about to be written down.</summary>
    Task<Upload> BeginAsync(Bucket bucket, Upload upload, CancellationToken cancellationToken);

    /// <summary>Inside the transaction that writes the upload down.</summary>
    void Begun(DbTransaction transaction, Upload upload);

    /// <summary>Stores one part; one of the same number is replaced.</summary>
    /// <returns>Its digests, and what the store calls it.</returns>
    Task<(StagedBlob Part, string StoreETag)> StagePartAsync(
        Upload upload,
        int number,
        Stream body,
        BodyExpectation expected,
        CancellationToken cancellationToken
    );

    /// <summary>Makes one object of parts. Asked again after it has happened, it finds it done.</summary>
    Task<StagedBlob> AssembleAsync(Upload upload, IReadOnlyList<UploadPart> parts, CancellationToken cancellationToken);
}

public sealed partial class S3Store
{
    async Task<Upload> IKeepsParts.BeginAsync(Bucket bucket, Upload upload, CancellationToken cancellationToken)
    {
        var name = NameOf(bucket.Folder, upload.Key, upload.Blob);
        await AnnounceAsync(name, isUpload: true);
        var id = await AskAsync(
            token => _client.CreateMultipartUploadAsync(BucketName, name, About(upload.Key), token),
            cancellationToken
        );
        return upload with { StoreObject = name, StoreUpload = id };
    }

    void IKeepsParts.Begun(DbTransaction transaction, Upload upload) =>
        transaction.Connection!.Execute(
            "DELETE FROM loose_object WHERE name = @StoreObject",
            new { upload.StoreObject },
            transaction
        );

    async Task<(StagedBlob Part, string StoreETag)> IKeepsParts.StagePartAsync(
        Upload upload,
        int number,
        Stream body,
        BodyExpectation expected,
        CancellationToken cancellationToken
    ) =>
        expected.LengthBytes is { } length
            ? await StagePartAsync(upload, number, body, length, expected, cancellationToken)
            : await SpooledAsync(
                body,
                (spooled, size) => StagePartAsync(upload, number, spooled, size, expected, cancellationToken),
                cancellationToken
            );

    async Task<(StagedBlob Part, string StoreETag)> StagePartAsync(
        Upload upload,
        int number,
        Stream body,
        long lengthBytes,
        BodyExpectation expected,
        CancellationToken cancellationToken
    )
    {
        if (lengthBytes > MaxObjectBytes)
            throw TooLarge();
        using var sums = new ChecksumAccumulator(WantedFor(expected), md5: true);
        UploadedPart sent;
        try
        {
            if (lengthBytes <= SmallBytes)
                sent = await SendSmallAsync(
                    body,
                    lengthBytes,
                    sums,
                    expected,
                    async bytes =>
                        await _client.UploadPartBytesAsync(
                            BucketName,
                            upload.StoreObject!,
                            upload.StoreUpload!,
                            number,
                            bytes,
                            cancellationToken
                        ),
                    cancellationToken
                );
            else
            {
                await using var hashing = new HashingStream(body, lengthBytes, sums, TooLong);
                sent = await SendingAsync(
                    hashing,
                    () =>
                        _client.UploadPartAsync(
                            BucketName,
                            upload.StoreObject!,
                            upload.StoreUpload!,
                            number,
                            hashing,
                            lengthBytes,
                            cancellationToken
                        )
                );
                await hashing.EndAsync(cancellationToken);
                Check(sums, expected);
            }
        }
        catch (S3Exception gone) when (gone.Code == "NoSuchUpload")
        {
            throw IsCompleting(upload);
        }
        var part = new StagedBlob(upload.Blob, this)
        {
            SizeBytes = lengthBytes,
            ModifiedAt = NextModifiedAt(),
            Kept = true,
        };
        Describe(part, sums, expected);
        return (part, sent.ETag);
    }

    // The answer to an earlier completion got lost after the store had done it.
    static FaultException IsCompleting(Upload upload) =>
        Fault.Conflict(
            "upload-completing",
            "This upload was being completed when something went wrong. Complete it again with the same parts, or abort it.",
            ("id", upload.Id)
        );

    async Task<StagedBlob> IKeepsParts.AssembleAsync(
        Upload upload,
        IReadOnlyList<UploadPart> parts,
        CancellationToken cancellationToken
    )
    {
        var (name, size) = (upload.StoreObject!, parts.Sum(part => part.SizeBytes));
        var etag = MultipartChecksums.ETag([.. parts.Select(part => part.ETag)]);
        // Which parts were meant is written down before the store is asked: if the answer gets lost, one must know what it has done.
        if (upload.Completing is null)
            await SetCompletingAsync(upload, etag, cancellationToken);
        else if (upload.Completing != etag)
        {
            if (await IsAssembledAsync(name, null, cancellationToken))
                throw IsCompleting(upload);
            await SetCompletingAsync(upload, etag, cancellationToken);
        }
        try
        {
            await AskAsync(
                token =>
                    _client.CompleteMultipartUploadAsync(
                        BucketName,
                        name,
                        upload.StoreUpload!,
                        [.. parts.Select(part => new UploadedPart(part.Number, part.StoreETag!, null))],
                        token
                    ),
                cancellationToken
            );
        }
        catch (S3Exception refusal)
        {
            if (refusal.Code != "NoSuchUpload")
                throw Fault.Invalid(
                    "invalid-part",
                    "The store behind Harima does not take these parts: one was replaced at the same moment, or it wants every part that was sent to be named. Send the part again, or name them all."
                );
            if (!await IsAssembledAsync(name, size, cancellationToken))
                throw IsCompleting(upload);
        }
        // Whatever becomes of the commit, the upload's row names the object.
        return new StagedBlob(upload.Blob, this)
        {
            SizeBytes = size,
            ModifiedAt = NextModifiedAt(),
            Kept = true,
        };
    }

    async Task<bool> IsAssembledAsync(string name, long? sizeBytes, CancellationToken cancellationToken)
    {
        var head = await AskAsync(token => _client.FindObjectAsync(BucketName, name, token), cancellationToken);
        return head is not null && (sizeBytes is null || head.SizeBytes == sizeBytes);
    }

    Task SetCompletingAsync(Upload upload, string etag, CancellationToken cancellationToken) =>
        _writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    "UPDATE upload SET completing = @etag WHERE id = @Id",
                    new { upload.Id, etag },
                    transaction
                ),
            cancellationToken
        );
}
