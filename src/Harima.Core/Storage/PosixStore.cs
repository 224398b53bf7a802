using Harima.Catalogue;
using Harima.S3.Checksums;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

/// <summary>
/// Plain files in a tree. Bytes are staged beside the tree and made durable first; then the catalogue commits; then a
/// rename puts them under their name. See docs/decisions/0004-storage-layout.md for what a crash leaves at each point.
/// </summary>
public sealed partial class PosixStore : ByteStore, IDisposable
{
    readonly GroupSync _durable;
    readonly long _reserveBytes;

    public PosixStore(IOptions<StorageOptions> options, IOptions<DataOptions> data, TimeProvider time)
        : base(options, time)
    {
        Root = Path.GetFullPath(options.Value.Root ?? Path.Combine(data.Value.Directory, "files"));
        Directory.CreateDirectory(Path.Combine(Root, KeyPath.Own, "staging"));
        Directory.CreateDirectory(Path.Combine(Root, KeyPath.Own, "odd"));
        Directory.CreateDirectory(Path.Combine(Root, KeyPath.Own, "versions"));
        _durable = new GroupSync(Path.Combine(Root, KeyPath.Own, "staging"));
        Directory.CreateDirectory(HandOffFolder);
        _reserveBytes = options.Value.ReserveBytes;
    }

    public void Dispose() => _durable.Dispose();

    /// <summary>Absolute path of the tree.</summary>
    public string Root { get; }

    internal override Task<StagedBlob> StageAsync(
        Bucket bucket,
        string key,
        Stream body,
        BodyExpectation expected,
        CancellationToken cancellationToken
    ) => StageAsync(body, expected, cancellationToken);

    /// <summary>Reads a body into the staging folder. Where it belongs is decided by the commit.</summary>
    internal async Task<StagedBlob> StageAsync(
        Stream body,
        BodyExpectation expected,
        CancellationToken cancellationToken
    )
    {
        RefuseWhatHasNoRoom(expected.LengthBytes);
        var staged = NewStaged();
        try
        {
            using var handle = Create(PathOf(staged), expected.LengthBytes ?? 0);
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

    string PathOf(StagedBlob staged) => KeyPath.Staged(Root, staged.Blob);

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

    internal void RefuseWhatHasNoRoom(long? lengthBytes)
    {
        if (lengthBytes > MaxObjectBytes)
            throw TooLarge();
        RequireRoom(lengthBytes ?? 0);
    }
}
