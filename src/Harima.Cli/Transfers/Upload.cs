using Harima.Rest;
using Harima.S3.Checksums;
using Harima.S3.Client;
using Harima.S3.Xml;
using Microsoft.Win32.SafeHandles;

namespace Harima.Cli.Transfers;

/// <summary>One local file to one key: at once when it is small, else in parts that survive an interruption.</summary>
sealed class Upload(S3Access s3, SemaphoreSlim slots, string fileName, string key)
{
    const long SmallestPart = 16L << 20;
    const int MostParts = 9_000;

    /// <param name="there">What is stored under the key already.</param>
    /// <param name="closed">Whether nothing may be sent any more: then only what is there already is fine.</param>
    public async Task<TransferResult> RunAsync(
        FileDto? there,
        bool closed,
        ITransferProgress progress,
        CancellationToken cancellationToken
    )
    {
        using var handle = File.OpenHandle(fileName, FileMode.Open, FileAccess.Read, FileShare.Read);
        var (size, modified) = (RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle));
        if (there?.SizeBytes == size && there.Checksums.TryGetValue("crc64nvme", out var known))
        {
            if (await Checksums.Crc64Async(handle, 0, size, cancellationToken) == known)
            {
                progress.Moved(size);
                return new TransferResult(true, known);
            }
        }
        if (closed)
            throw new TransferException(
                "The sequence is closed, and this file is not in it, or is another one.",
                FaultToExitCode.Closed
            );
        var sum =
            size <= SmallestPart
                ? await PutAsync(handle, size, progress, cancellationToken)
                : await PutPartsAsync(handle, size, progress, cancellationToken);
        if (RandomAccess.GetLength(handle) != size || File.GetLastWriteTimeUtc(handle) != modified)
            throw new TransferException("The file changed while it was being sent. Send it again once it is written.");
        return new TransferResult(false, sum);
    }

    async Task<string> PutAsync(
        SafeFileHandle handle,
        long size,
        ITransferProgress progress,
        CancellationToken cancellationToken
    )
    {
        var written = await SendAsync(
            (client, onRead) =>
                client.PutObjectAsync(
                    s3.Bucket,
                    key,
                    new FilePart(handle, 0, size, onRead),
                    size,
                    null,
                    cancellationToken
                ),
            progress,
            cancellationToken
        );
        return written.Checksum!.Value.Value;
    }

    async Task<string> PutPartsAsync(
        SafeFileHandle handle,
        long size,
        ITransferProgress progress,
        CancellationToken cancellationToken
    )
    {
        // Whole MiB, and the same for the same file each time: otherwise parts from before could not be used.
        var partSize = Math.Max(SmallestPart, (size / MostParts + (1 << 20) - 1) >> 20 << 20);
        var count = (int)((size + partSize - 1) / partSize);
        var (uploadId, before) = await BeginOrResumeAsync(cancellationToken);
        var parts = new UploadedPart[count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = Math.Min(count, 64), CancellationToken = cancellationToken },
            async (n, cancel) =>
            {
                var (offset, length) = (n * partSize, Math.Min(partSize, size - n * partSize));
                parts[n] = await FindSameAsync(handle, before.GetValueOrDefault(n + 1), offset, length, cancel)
                    is { } same
                    ? Reuse(same, length, progress)
                    : await SendAsync(
                        (client, onRead) =>
                            client.UploadPartAsync(
                                s3.Bucket,
                                key,
                                uploadId,
                                n + 1,
                                new FilePart(handle, offset, length, onRead),
                                length,
                                cancel
                            ),
                        progress,
                        cancel
                    );
            }
        );
        var client = await s3.ClientAsync(cancellationToken);
        var written = await Retry.RunAsync(
            () => client.CompleteMultipartUploadAsync(s3.Bucket, key, uploadId, parts, cancellationToken),
            cancellationToken
        );
        var whole = WholeOf(parts, partSize, size);
        if (written.Checksum is { } stored && stored != whole)
            throw new TransferException(
                "What the server stored has another checksum than the file. Send it again.",
                FaultToExitCode.NotIntact
            );
        return whole.Value;
    }

    async Task<(string UploadId, Dictionary<int, PartEntry> Parts)> BeginOrResumeAsync(
        CancellationToken cancellationToken
    )
    {
        var client = await s3.ClientAsync(cancellationToken);
        UploadEntry? newest = null;
        await foreach (var upload in client.ListMultipartUploadsAsync(s3.Bucket, key, cancellationToken))
        {
            if (upload.Key == key && (newest is null || upload.InitiatedAt >= newest.InitiatedAt))
                newest = upload;
        }
        var parts = new Dictionary<int, PartEntry>();
        if (newest is null)
            return (await client.CreateMultipartUploadAsync(s3.Bucket, key, null, cancellationToken), parts);
        await foreach (var part in client.ListPartsAsync(s3.Bucket, key, newest.UploadId, cancellationToken))
            parts[part.PartNumber] = part;
        return (newest.UploadId, parts);
    }

    /// <summary>The part from before, if it has the bytes this part has now.</summary>
    static async Task<UploadedPart?> FindSameAsync(
        SafeFileHandle handle,
        PartEntry? before,
        long offset,
        long length,
        CancellationToken cancellationToken
    )
    {
        if (before is null || before.SizeBytes != length)
            return null;
        var known = before.Checksums.FirstOrDefault(sum => sum.Algorithm == ChecksumAlgorithm.Crc64Nvme);
        if (known.Value is null || known.Value != await Checksums.Crc64Async(handle, offset, length, cancellationToken))
            return null;
        return new UploadedPart(before.PartNumber, before.ETag, known);
    }

    static UploadedPart Reuse(UploadedPart part, long length, ITransferProgress progress)
    {
        progress.Moved(length);
        return part;
    }

    static Checksum WholeOf(UploadedPart[] parts, long partSize, long size)
    {
        var whole = parts[0].Checksum!.Value;
        for (var n = 1; n < parts.Length; n++)
            whole = CrcCombination.Combine(whole, parts[n].Checksum!.Value, Math.Min(partSize, size - n * partSize));
        return whole;
    }

    async Task<T> SendAsync<T>(
        Func<S3Client, Action<int>, Task<T>> send,
        ITransferProgress progress,
        CancellationToken cancellationToken
    )
    {
        await slots.WaitAsync(cancellationToken);
        try
        {
            return await Retry.RunAsync(
                async () =>
                {
                    var moved = 0L;
                    try
                    {
                        var client = await s3.ClientAsync(cancellationToken);
                        return await send(
                            client,
                            read =>
                            {
                                moved += read;
                                progress.Moved(read);
                            }
                        );
                    }
                    catch
                    {
                        progress.Moved(-moved);
                        throw;
                    }
                },
                cancellationToken
            );
        }
        finally
        {
            slots.Release();
        }
    }
}
