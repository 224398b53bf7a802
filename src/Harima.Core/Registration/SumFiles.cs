using System.Buffers;
using Dapper;
using Harima.Catalogue;
using Harima.S3.Checksums;
using Harima.Storage;
using Harima.Work;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace Harima.Registration;

/// <summary>
/// Reads registered files whose checksums nobody knows, at a set rate and while nobody else wants the disk, and writes down what they
/// are. What has been written down is done; a stop costs the file that was being read.
/// </summary>
public sealed partial class SumFiles(
    Database database,
    CatalogueWriter writer,
    RegisteredFolders folders,
    TimeProvider time,
    IOptions<RegistrationOptions> options,
    ILogger<SumFiles> logger
)
{
    internal const string Queue = "registered-sums";
    internal const string Subject = "facility";

    const int SliceBytes = 1 << 20;
    const int MostAtOnce = 200;
    const long MostBytesAtOnce = 256 << 20;
    const long SmallestChargeBytes = 16 << 10;

    internal WorkKind Work =>
        new(Queue, (_, cancellationToken) => HandleAsync(cancellationToken))
        {
            Lease = TimeSpan.FromSeconds(30),
            MaxAttempts = 20,
        };

    internal async Task HandleAsync(CancellationToken cancellationToken)
    {
        if (options.Value.SumBytesPerSecond == 0)
            return;
        var pace = new Pace(time, options.Value.SumBytesPerSecond);
        long position = 0;
        while (await NextAsync(position, cancellationToken) is { Count: > 0 } files)
        {
            var done = new List<Summed>();
            var bytes = 0L;
            foreach (var file in files)
            {
                position = file.Id;
                if (await SumAsync(file, pace, cancellationToken) is { } summed)
                    done.Add(summed);
                bytes += file.SizeBytes;
                if (bytes >= MostBytesAtOnce)
                    break;
            }
            if (done.Count > 0)
                await writer.WriteAsync(transaction => Write(transaction, done), cancellationToken);
        }
    }

    /// <summary>Whether there is anything to do.</summary>
    internal async Task<bool> IsWantedAsync(CancellationToken cancellationToken)
    {
        if (options.Value.SumBytesPerSecond == 0)
            return false;
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<int?>("SELECT 1 FROM data_file WHERE crc32 = '' LIMIT 1")
            is not null;
    }

    async Task<List<DataFile>> NextAsync(long position, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (
            await connection.QueryAsync<DataFile>(
                $"SELECT {DataFiles.Columns} FROM data_file WHERE crc32 = '' AND id > @position ORDER BY id LIMIT {MostAtOnce}",
                new { position }
            )
        ).AsList();
    }

    /// <returns>Null where it cannot be read, or has changed: the next scan says so.</returns>
    async Task<Summed?> SumAsync(DataFile file, Pace pace, CancellationToken cancellationToken)
    {
        var (opened, _) = await folders.TryOpenAsync(file, cancellationToken);
        if (opened is null)
            return null;
        using var handle = opened;
        using var sums = new ChecksumAccumulator([ChecksumAlgorithm.Crc32, ChecksumAlgorithm.Crc64Nvme], md5: true);
        try
        {
            for (long offset = 0; offset < file.SizeBytes; )
            {
                var read = Read(handle, offset, sums);
                if (read == 0)
                    return null;
                offset += read;
                await pace.WaitAsync(read, cancellationToken);
            }
        }
        catch (IOException fault)
        {
            LogUnreadable(logger, fault, file.Key);
            return null;
        }
        await pace.WaitAsync(Math.Max(0, SmallestChargeBytes - file.SizeBytes), cancellationToken);
        if (!RegisteredFolders.IsThatVersion(handle, file))
            return null;
        return new Summed(
            file.Id,
            file.Blob,
            Convert.ToHexStringLower(sums.GetMd5()),
            sums.Find(ChecksumAlgorithm.Crc32)!.Value.Value,
            sums.Find(ChecksumAlgorithm.Crc64Nvme)!.Value.Value
        );
    }

    static int Read(SafeFileHandle handle, long offset, ChecksumAccumulator sums)
    {
        using var idle = Posix.ReadWhenIdle();
        var buffer = ArrayPool<byte>.Shared.Rent(SliceBytes);
        try
        {
            var read = RandomAccess.Read(handle, buffer.AsSpan(0, SliceBytes), offset);
            sums.Append(buffer.AsSpan(0, read));
            // What is read once for its checksum must not push out what people read.
            Posix.Forget(handle, offset, read);
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    bool Write(System.Data.Common.DbTransaction transaction, List<Summed> done)
    {
        if (database.Dialect == Dialect.Postgres)
            transaction.Connection!.Execute(
                """
                UPDATE data_file SET etag = f.etag, crc32 = f.crc32, crc64_nvme = f.crc64
                FROM unnest(@ids, @blobs, @etags, @crc32s, @crc64s) AS f (id, blob, etag, crc32, crc64)
                WHERE data_file.id = f.id AND data_file.blob = f.blob AND data_file.crc32 = ''
                """,
                new
                {
                    ids = done.Select(one => one.Id).ToArray(),
                    blobs = done.Select(one => one.Blob).ToArray(),
                    etags = done.Select(one => one.ETag).ToArray(),
                    crc32s = done.Select(one => one.Crc32).ToArray(),
                    crc64s = done.Select(one => one.Crc64Nvme).ToArray(),
                },
                transaction
            );
        else
            foreach (var one in done)
                transaction.Connection!.Execute(
                    """
                    UPDATE data_file SET etag = @ETag, crc32 = @Crc32, crc64_nvme = @Crc64Nvme
                    WHERE id = @Id AND blob = @Blob AND crc32 = ''
                    """,
                    one,
                    transaction
                );
        return true;
    }

    [LoggerMessage(4104, LogLevel.Warning, "The registered file {Key} could not be read for its checksums")]
    static partial void LogUnreadable(ILogger logger, Exception fault, string key);

    sealed record Summed(long Id, string Blob, string ETag, string Crc32, string Crc64Nvme);

    /// <summary>Spreads reading over time.</summary>
    sealed class Pace(TimeProvider time, long bytesPerSecond)
    {
        // A timer does not wait for less.
        static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(15);

        DateTimeOffset _free = time.GetUtcNow();

        public async Task WaitAsync(long bytes, CancellationToken cancellationToken)
        {
            var now = time.GetUtcNow();
            // What was not used is lost: a rest must not be followed by a burst.
            _free = (_free > now ? _free : now) + TimeSpan.FromSeconds((double)bytes / bytesPerSecond);
            if (_free - now > Shortest)
                await Task.Delay(_free - now, time, cancellationToken);
        }
    }
}
