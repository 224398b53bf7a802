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
    // Up to here the commit carries the bytes: some pages of the catalogue, and little beside the sync that is saved.
    internal const int MostInCommitBytes = 16 * 1024;

    readonly GroupSync _durable;
    readonly SafeFileHandle _root;
    readonly bool _mayCommitBodies;
    readonly long _reserveBytes;

    public PosixStore(
        IOptions<StorageOptions> options,
        IOptions<DataOptions> data,
        Database database,
        TimeProvider time
    )
        : base(options, time)
    {
        Root = Path.GetFullPath(options.Value.Root ?? Path.Combine(data.Value.Directory, "files"));
        Directory.CreateDirectory(Path.Combine(Root, KeyPath.Own, "staging"));
        Directory.CreateDirectory(Path.Combine(Root, KeyPath.Own, "odd"));
        Directory.CreateDirectory(Path.Combine(Root, KeyPath.Own, "versions"));
        _durable = new GroupSync(Path.Combine(Root, KeyPath.Own, "staging"));
        Directory.CreateDirectory(HandOffFolder);
        _reserveBytes = options.Value.ReserveBytes;
        _root = Posix.OpenFolder(Root);
        // Another replica would not see what this one has not written out yet, and neither would it notice a failure.
        _mayCommitBodies =
            database.Dialect == Dialect.Sqlite && new DriveInfo(Root).DriveType is DriveType.Fixed or DriveType.Ram;
    }

    public void Dispose()
    {
        _durable.Dispose();
        _root.Dispose();
    }

    /// <summary>False while too much that the catalogue holds has not been written out yet.</summary>
    internal bool TakesBodies { get; set; } = true;

    /// <summary>Absolute path of the tree.</summary>
    public string Root { get; }

    internal override Task<StagedBlob> StageAsync(
        Bucket bucket,
        string key,
        Stream body,
        BodyExpectation expected,
        CancellationToken cancellationToken
    ) => StageAsync(body, expected, _mayCommitBodies && TakesBodies, cancellationToken);

    /// <summary>Reads a body into the staging folder. Where it belongs is decided by the commit.</summary>
    /// <param name="inCommit">Whether few bytes may stay undurable here because the commit will carry them.</param>
    internal async Task<StagedBlob> StageAsync(
        Stream body,
        BodyExpectation expected,
        bool inCommit,
        CancellationToken cancellationToken
    )
    {
        RefuseWhatHasNoRoom(expected.LengthBytes);
        var staged = new StagedBlob(NewStaged().Blob, this) { FailedSyncs = FailedSyncs };
        try
        {
            using var handle = Create(PathOf(staged), expected.LengthBytes ?? 0);
            using var sums = new ChecksumAccumulator(WantedFor(expected), md5: true);
            staged.SizeBytes = await PumpAsync(
                body,
                handle,
                0,
                sums,
                expected.LengthBytes,
                cancellationToken,
                inCommit ? staged : null
            );
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

    /// <summary>
    /// Gives the file its identity (a modification time no other has) and makes bytes and name durable, unless the commit does.
    /// </summary>
    internal async Task SealAsync(StagedBlob staged, SafeFileHandle handle)
    {
        staged.ModifiedAt = NextModifiedAt();
        File.SetLastWriteTimeUtc(handle, staged.ModifiedAt.UtcDateTime);
        if (staged.Body is not null)
            return;
        // Nobody who sends a few bytes should wait for another's gigabytes.
        var alone = staged.SizeBytes > PumpBytes;
        if (alone)
            RandomAccess.FlushToDisk(handle);
        await _durable.SyncAsync(alone ? null : handle);
    }

    internal static SafeFileHandle Create(string path, long lengthBytes)
    {
        var handle = Posix.Create(path);
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
