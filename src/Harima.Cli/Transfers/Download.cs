using System.Buffers;
using System.Globalization;
using Harima.Rest;
using Harima.S3.Client;
using Microsoft.Win32.SafeHandles;

namespace Harima.Cli.Transfers;

/// <summary>
/// One key to one local file. The bytes go to <c>name.part</c> in ranges; <c>name.part.done</c> lists the ranges that are whole, so
/// that an interrupted one goes on. Only when the checksum of the whole is right it gets its name.
/// </summary>
sealed class Download(S3Access s3, SemaphoreSlim slots, LocalTarget local, string folder)
{
    const long RangeBytes = 32L << 20;

    readonly FileDto _file = local.File;
    readonly string _target = Path.Combine(folder, local.Path);

    string PartFile => Path.Combine(folder, local.PartPath);

    string DoneFile => PartFile + ".done";

    public Task<TransferResult> RunAsync(ITransferProgress progress, CancellationToken cancellationToken) =>
        local.Fault is not null ? throw new TransferException(local.Fault, FaultToExitCode.NoLocalName)
        : local.IsFolder ? Task.FromResult(MakeFolder())
        : GetAsync(progress, cancellationToken);

    TransferResult MakeFolder()
    {
        var there = Directory.Exists(_target);
        Directory.CreateDirectory(_target);
        return new TransferResult(there, _file.Checksums.GetValueOrDefault("crc64nvme", ""));
    }

    async Task<TransferResult> GetAsync(ITransferProgress progress, CancellationToken cancellationToken)
    {
        // Of files that were registered where they lie the checksum may not be known yet.
        var expected = _file.Checksums.GetValueOrDefault("crc64nvme");
        if (
            expected is not null
            && new FileInfo(_target) is { Exists: true } existing
            && existing.Length == _file.SizeBytes
            && await Checksums.Crc64Async(_target, cancellationToken) == expected
        )
        {
            progress.Moved(_file.SizeBytes);
            return new TransferResult(true, expected!);
        }
        if (Path.GetDirectoryName(_target) is { Length: > 0 } parent)
            Directory.CreateDirectory(parent);
        var done = FindDone();
        await FetchAsync(done, progress, cancellationToken);
        var found = await Checksums.Crc64Async(PartFile, cancellationToken);
        if (expected is not null && found != expected)
        {
            Forget();
            throw new TransferException(
                "The bytes that arrived have another checksum than the file. Fetch it again.",
                FaultToExitCode.NotIntact
            );
        }
        File.SetLastWriteTimeUtc(PartFile, _file.ModifiedAt.UtcDateTime);
        File.Move(PartFile, _target, overwrite: true);
        File.Delete(DoneFile);
        return new TransferResult(false, found);
    }

    async Task FetchAsync(HashSet<long> done, ITransferProgress progress, CancellationToken cancellationToken)
    {
        using var handle = File.OpenHandle(PartFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        if (RandomAccess.GetLength(handle) != _file.SizeBytes)
            RandomAccess.SetLength(handle, _file.SizeBytes);
        await using var doneFile = new StreamWriter(DoneFile, append: done.Count > 0) { AutoFlush = true };
        if (done.Count == 0)
            await doneFile.WriteLineAsync(Version);
        var starts = new List<long>();
        for (long start = 0; start < _file.SizeBytes; start += RangeBytes)
        {
            if (done.Contains(start))
                progress.Moved(LengthAt(start));
            else
                starts.Add(start);
        }
        using var writing = new SemaphoreSlim(1, 1);
        await Parallel.ForEachAsync(
            starts,
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
            async (start, cancel) =>
            {
                await slots.WaitAsync(cancel);
                try
                {
                    await Retry.RunAsync(() => FetchRangeAsync(handle, start, progress, cancel), cancel);
                }
                finally
                {
                    slots.Release();
                }
                await writing.WaitAsync(cancel);
                await doneFile.WriteLineAsync(start.ToString(CultureInfo.InvariantCulture));
                writing.Release();
            }
        );
    }

    async Task<bool> FetchRangeAsync(
        SafeFileHandle handle,
        long start,
        ITransferProgress progress,
        CancellationToken cancellationToken
    )
    {
        var end = start + LengthAt(start);
        var offset = start;
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 18);
        try
        {
            var client = await s3.ClientAsync(cancellationToken);
            using var body = await client.GetObjectAsync(
                s3.Bucket,
                _file.Key,
                new ByteRange(start, end - 1),
                _file.Etag,
                cancellationToken
            );
            for (int read; (read = await body.Content.ReadAsync(buffer, cancellationToken)) > 0; offset += read)
            {
                await RandomAccess.WriteAsync(handle, buffer.AsMemory(0, read), offset, cancellationToken);
                progress.Moved(read);
            }
            return offset == end
                ? true
                : throw new HttpIOException(HttpRequestError.ResponseEnded, "The answer ended early.");
        }
        catch
        {
            progress.Moved(start - offset);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Where whole ranges begin, of this version of the file.</summary>
    HashSet<long> FindDone()
    {
        if (!File.Exists(PartFile) || !File.Exists(DoneFile) || new FileInfo(PartFile).Length != _file.SizeBytes)
            return [];
        var lines = File.ReadAllLines(DoneFile);
        return lines.FirstOrDefault() == Version
            ?
            [
                .. lines
                    .Skip(1)
                    .Where(line => line.Length > 0)
                    .Select(line => long.Parse(line, CultureInfo.InvariantCulture)),
            ]
            : [];
    }

    string Version => string.Create(CultureInfo.InvariantCulture, $"{_file.Etag} {_file.SizeBytes} {RangeBytes}");

    long LengthAt(long start) => Math.Min(RangeBytes, _file.SizeBytes - start);

    void Forget()
    {
        File.Delete(PartFile);
        File.Delete(DoneFile);
    }
}
