using System.Buffers;
using Harima.S3.Checksums;
using Harima.S3.Client;

namespace Harima.Storage;

public sealed partial class S3Store
{
    // Held in memory, checked before it is sent, and sent again if the store was out of breath.
    const int SmallBytes = 256 * 1024;

    internal override Task<StagedBlob> StageAsync(
        Bucket bucket,
        string key,
        Stream body,
        BodyExpectation expected,
        CancellationToken cancellationToken
    ) =>
        expected.LengthBytes is { } length
            ? StageAsync(bucket, key, body, length, expected, cancellationToken)
            : SpooledAsync(
                body,
                (spooled, size) => StageAsync(bucket, key, spooled, size, expected, cancellationToken),
                cancellationToken
            );

    async Task<StagedBlob> StageAsync(
        Bucket bucket,
        string key,
        Stream body,
        long lengthBytes,
        BodyExpectation expected,
        CancellationToken cancellationToken
    )
    {
        if (lengthBytes > MaxObjectBytes)
            throw TooLarge();
        var staged = NewStaged();
        var name = NameOf(bucket.Folder, key, staged.Blob);
        var isLarge = lengthBytes > _options.PartBytes;
        staged.StoreObject = name;
        // Written down before the object comes into being, and before the first byte is waited for.
        var announced = AnnounceAsync(name, isLarge);
        try
        {
            using var sums = new ChecksumAccumulator(WantedFor(expected), md5: true);
            if (lengthBytes <= SmallBytes)
                await SendSmallAsync(
                    body,
                    lengthBytes,
                    sums,
                    expected,
                    async bytes =>
                    {
                        await announced;
                        return await _client.PutBytesAsync(BucketName, name, bytes, About(key), cancellationToken);
                    },
                    cancellationToken
                );
            else
            {
                await using var hashing = new HashingStream(body, lengthBytes, sums, TooLong);
                await announced;
                await SendingAsync(
                    hashing,
                    () =>
                        isLarge
                            ? SendPartsAsync(name, key, hashing, lengthBytes, cancellationToken)
                            : _client.PutObjectAsync(
                                BucketName,
                                name,
                                hashing,
                                lengthBytes,
                                About(key),
                                cancellationToken
                            )
                );
                await hashing.EndAsync(cancellationToken);
                Check(sums, expected);
            }
            staged.SizeBytes = lengthBytes;
            Describe(staged, sums, expected);
            staged.ModifiedAt = NextModifiedAt();
            return staged;
        }
        catch
        {
            await ((Task)announced).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            staged.Dispose();
            throw;
        }
    }

    /// <summary>Reads a small body, checks it, and has it sent, again if need be.</summary>
    async Task<T> SendSmallAsync<T>(
        Stream body,
        long lengthBytes,
        ChecksumAccumulator sums,
        BodyExpectation expected,
        Func<ReadOnlyMemory<byte>, Task<T>> send,
        CancellationToken cancellationToken
    )
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)lengthBytes + 1);
        try
        {
            var read = await body.ReadAtLeastAsync(
                buffer.AsMemory(0, (int)lengthBytes + 1),
                (int)lengthBytes + 1,
                throwOnEndOfStream: false,
                cancellationToken
            );
            if (read > lengthBytes)
                throw TooLong(lengthBytes);
            if (read < lengthBytes)
                throw TooShort(lengthBytes, read);
            sums.Append(buffer.AsSpan(0, read));
            Check(sums, expected);
            return await AskAsync(_ => send(buffer.AsMemory(0, read)), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>One body that cannot be sent again, as it comes from a client that sends it once.</summary>
    async Task<T> SendingAsync<T>(HashingStream body, Func<Task<T>> send)
    {
        try
        {
            return await send();
        }
        catch (Exception fault)
        {
            // Whoever sends the body has failed, not the store.
            if (body.Failure is { } own)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(own);
            throw Translate(fault);
        }
    }

    /// <summary>A body larger than a part: sent part after part, as it comes.</summary>
    async Task<WrittenObject> SendPartsAsync(
        string name,
        string key,
        HashingStream body,
        long lengthBytes,
        CancellationToken cancellationToken
    )
    {
        var partBytes = Math.Max(_options.PartBytes, (lengthBytes + Uploads.MaxParts - 1) / Uploads.MaxParts);
        var upload = await AskAsync(
            token => _client.CreateMultipartUploadAsync(BucketName, name, About(key), token),
            cancellationToken
        );
        var parts = new List<UploadedPart>();
        for (long offset = 0; offset < lengthBytes; offset += partBytes)
        {
            await KeepAnnouncedAsync(name);
            parts.Add(
                await _client.UploadPartAsync(
                    BucketName,
                    name,
                    upload,
                    parts.Count + 1,
                    body,
                    Math.Min(partBytes, lengthBytes - offset),
                    cancellationToken
                )
            );
        }
        return await AskAsync(
            token => _client.CompleteMultipartUploadAsync(BucketName, name, upload, parts, token),
            cancellationToken
        );
    }

    /// <summary>A body whose length nobody has said: S3 wants to know it first, so it goes through a local file without a name.</summary>
    async Task<T> SpooledAsync<T>(Stream body, Func<Stream, long, Task<T>> then, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(
            Path.Combine(_spool, NewStaged().Blob),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
                BufferSize = 0,
            }
        );
        // Also after a kill.
        File.Delete(file.Name);
        var buffer = ArrayPool<byte>.Shared.Rent(SmallBytes);
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                if (file.Length + read > MaxObjectBytes)
                    throw TooLarge();
                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        catch (IOException fault) when (Posix.IsFull(fault))
        {
            throw Full(fault);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        file.Position = 0;
        return await then(file, file.Length);
    }

    internal override async Task<StagedBlob?> TryCopyAsync(
        StoredBytes bytes,
        DataFile source,
        Bucket bucket,
        string key,
        ChecksumAlgorithm? algorithm,
        CancellationToken cancellationToken
    )
    {
        // The catalogue's checksums go with the bytes: damage cannot get a fresh one, and the scrubber finds it in the copy too.
        if (bytes is not S3Bytes from || !Knows(source, algorithm))
            return null;
        var staged = NewStaged();
        var name = NameOf(bucket.Folder, key, staged.Blob);
        staged.StoreObject = name;
        var isLarge = source.SizeBytes > _options.CopyBytes;
        try
        {
            await AnnounceAsync(name, isLarge);
            _ = isLarge
                ? await CopyPartsAsync(from.Name, name, key, source.SizeBytes, cancellationToken)
                : await AskAsync(
                    token => _client.CopyObjectAsync(BucketName, from.Name, name, About(key), token),
                    cancellationToken
                );
            staged.SizeBytes = source.SizeBytes;
            staged.ETag = source.ETag;
            staged.Crc32 = source.Crc32;
            staged.Crc64Nvme = source.Crc64Nvme;
            staged.PartSizes = source.ReadPartSizes();
            staged.PartChecksums = source.ReadPartChecksums();
            if (algorithm is { } chosen)
                (staged.Chosen, staged.ChosenType) = source
                    .ReadChecksums()
                    .First(known => known.Checksum.Algorithm == chosen);
            staged.ModifiedAt = NextModifiedAt();
            return staged;
        }
        catch (Exception fault)
        {
            staged.Dispose();
            if (fault is S3.Errors.S3Exception { Code: "NoSuchKey" })
            {
                _damaged.Suspect(source);
                throw DamagedFiles.Refusal(source.Key);
            }
            throw;
        }
    }

    static bool Knows(DataFile source, ChecksumAlgorithm? algorithm) =>
        algorithm is null || source.ReadChecksums().Any(known => known.Checksum.Algorithm == algorithm);

    async Task<string> CopyPartsAsync(
        string source,
        string name,
        string key,
        long lengthBytes,
        CancellationToken cancellationToken
    )
    {
        var partBytes = Math.Max(_options.CopyBytes / 5, (lengthBytes + Uploads.MaxParts - 1) / Uploads.MaxParts);
        var upload = await AskAsync(
            token => _client.CreateMultipartUploadAsync(BucketName, name, About(key), token),
            cancellationToken
        );
        var parts = new UploadedPart[(lengthBytes + partBytes - 1) / partBytes];
        await Parallel.ForAsync(
            0,
            parts.Length,
            new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken },
            async (n, cancellation) =>
            {
                await KeepAnnouncedAsync(name);
                var start = n * partBytes;
                var end = Math.Min(start + partBytes, lengthBytes) - 1;
                parts[n] = await AskAsync(
                    token => _client.UploadPartCopyAsync(BucketName, name, upload, n + 1, source, start, end, token),
                    cancellation
                );
            }
        );
        return (
            await AskAsync(
                token => _client.CompleteMultipartUploadAsync(BucketName, name, upload, parts, token),
                cancellationToken
            )
        ).ETag;
    }
}
