using Harima.Catalogue;
using Harima.Faults;
using Harima.S3.Checksums;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

/// <summary>
/// Plain files in a tree. Bytes are staged beside the tree and made durable first; then the catalogue commits; then a
/// rename puts them under their name. See docs/decisions/0004-storage-layout.md for what a crash leaves at each point.
/// </summary>
public sealed partial class PosixStore : IDisposable
{
    readonly TimeProvider _time;
    readonly GroupSync _durable;
    readonly long _reserveBytes;
    long _lastMicroseconds;

    public PosixStore(IOptions<StorageOptions> options, IOptions<DataOptions> data, TimeProvider time)
    {
        _time = time;
        Root = Path.GetFullPath(options.Value.Root ?? Path.Combine(data.Value.Directory, "files"));
        Directory.CreateDirectory(Path.Combine(Root, KeyPath.Own, "staging"));
        Directory.CreateDirectory(Path.Combine(Root, KeyPath.Own, "odd"));
        Directory.CreateDirectory(Path.Combine(Root, KeyPath.Own, "versions"));
        _durable = new GroupSync(Path.Combine(Root, KeyPath.Own, "staging"));
        Directory.CreateDirectory(HandOffFolder);
        MaxObjectBytes = options.Value.MaxObjectBytes;
        _reserveBytes = options.Value.ReserveBytes;
    }

    public void Dispose() => _durable.Dispose();

    /// <summary>Absolute path of the tree.</summary>
    public string Root { get; }

    internal long MaxObjectBytes { get; }

    /// <summary>Reads a body into the staging folder, checks it, and makes it durable. Memory does not grow with its size.</summary>
    /// <exception cref="FaultException">Incomplete, ChecksumMismatch, TooLarge or StorageFull; nothing is kept then.</exception>
    public async Task<StagedBlob> StageAsync(Stream body, BodyExpectation expected, CancellationToken cancellationToken)
    {
        RefuseWhatHasNoRoom(expected.LengthBytes);
        var staged = NewStaged();
        try
        {
            using var handle = Create(staged.Path, expected.LengthBytes ?? 0);
            using var sums = new ChecksumAccumulator(WantedFor(expected), md5: true);
            staged.SizeBytes = await PumpAsync(body, handle, 0, sums, expected.LengthBytes, cancellationToken);
            Check(sums, expected);
            Describe(staged, sums, expected);
            await SealAsync(staged, handle);
            return staged;
        }
        catch (Exception fault)
        {
            staged.Dispose();
            if (fault is IOException io && Posix.IsFull(io))
                throw Full(io);
            throw;
        }
    }

    internal StagedBlob NewStaged()
    {
        var blob = Guid.CreateVersion7(_time.GetUtcNow()).ToString("N");
        return new StagedBlob(blob, KeyPath.Staged(Root, blob));
    }

    /// <summary>Gives the file its identity (a modification time no other has) and makes bytes and name durable.</summary>
    internal async Task SealAsync(StagedBlob staged, SafeFileHandle handle)
    {
        staged.ModifiedAt = NextModifiedAt();
        File.SetLastWriteTimeUtc(handle, staged.ModifiedAt.UtcDateTime);
        // Nobody who sends a few bytes should wait for another's gigabytes.
        var alone = staged.SizeBytes > PumpBytes;
        if (alone)
            RandomAccess.FlushToDisk(handle);
        await _durable.SyncAsync(alone ? null : handle);
    }

    internal static SafeFileHandle Create(string path, long lengthBytes)
    {
        var handle = File.OpenHandle(
            path,
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete
        );
        try
        {
            Reserve(handle, lengthBytes);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    internal static FaultException Full(IOException? fault) =>
        new(
            FaultCode.StorageFull,
            "storage-full",
            "The storage is full, so nothing was stored and nothing was lost. Try again later, or tell the facility's staff.",
            inner: fault
        );

    internal void RefuseWhatHasNoRoom(long? lengthBytes)
    {
        if (lengthBytes > MaxObjectBytes)
            throw new FaultException(
                FaultCode.TooLarge,
                "file-too-large",
                $"A file may have at most {Fault.Number(MaxObjectBytes)} bytes."
            );
        RequireRoom(lengthBytes ?? 0);
    }

    static List<ChecksumAlgorithm> WantedFor(BodyExpectation expected)
    {
        var wanted = new List<ChecksumAlgorithm> { ChecksumAlgorithm.Crc32, ChecksumAlgorithm.Crc64Nvme };
        if (expected.Algorithm is { } chosen)
            wanted.Add(chosen);
        if (expected.Sha256Hex is not null)
            wanted.Add(ChecksumAlgorithm.Sha256);
        return wanted;
    }

    internal static void Check(ChecksumAccumulator sums, BodyExpectation expected)
    {
        if (expected.Md5 is { } md5 && !md5.AsSpan().SequenceEqual(sums.GetMd5()))
            throw Mismatch("MD5");
        if (
            expected.Sha256Hex is { } sha
            && !string.Equals(sha, sums.FindSha256Hex(), StringComparison.OrdinalIgnoreCase)
        )
            throw Mismatch("SHA256");
        if (expected.Checksum?.Invoke() is { } claimed && claimed != sums.Find(claimed.Algorithm))
            throw Mismatch(claimed.Algorithm.Name());
    }

    static FaultException Mismatch(string algorithm) =>
        new(
            FaultCode.ChecksumMismatch,
            "checksum-mismatch",
            $"The {algorithm} of the bytes that arrived is not the one you announced, so nothing was stored. Send the file again.",
            new Dictionary<string, string> { ["algorithm"] = algorithm }
        );

    static void Describe(StagedBlob staged, ChecksumAccumulator sums, BodyExpectation expected)
    {
        staged.ETag = Convert.ToHexStringLower(sums.GetMd5());
        staged.Crc32 = sums.Find(ChecksumAlgorithm.Crc32)!.Value.Value;
        staged.Crc64Nvme = sums.Find(ChecksumAlgorithm.Crc64Nvme)!.Value.Value;
        staged.Chosen = expected.Algorithm is { } chosen ? sums.Find(chosen) : null;
    }

    /// <summary>Now, in whole microseconds, never the same twice: two versions of a key always differ in it.</summary>
    internal DateTimeOffset NextModifiedAt()
    {
        var now = _time.GetUtcNow().ToMicroseconds();
        while (true)
        {
            var last = Interlocked.Read(ref _lastMicroseconds);
            var next = Math.Max(now, last + 1);
            if (Interlocked.CompareExchange(ref _lastMicroseconds, next, last) == last)
                return Instant.FromMicroseconds(next);
        }
    }
}
