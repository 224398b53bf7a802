using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

/// <summary>A folder outside Harima's own tree whose files are catalogued where they lie.</summary>
/// <param name="Path">Absolute, without a slash at its end.</param>
/// <param name="Prefix">What the keys of its files begin with.</param>
sealed record RegisteredFolder(long Id, long BucketId, string Path, string Prefix)
{
    public string PathOf(string key) => $"{Path}/{key[Prefix.Length..]}";
}

/// <summary>
/// Opens registered files. Harima reads there and nothing else: no byte, name or time is ever changed. What is opened lies under a
/// root the facility's configuration names, by way of no symbolic link below it, and is what was catalogued.
/// </summary>
public sealed class RegisteredFolders(Database database, IOptions<RegistrationOptions> options)
{
    readonly ConcurrentDictionary<long, RegisteredFolder> _known = new();

    /// <summary>The roots of the configuration, without slashes at their ends.</summary>
    public IReadOnlyList<string> Roots { get; } =
    [
        .. options
            .Value.Roots.Select(root => Path.GetFullPath(root).TrimEnd('/'))
            .Concat(options.Value.BeamlineRoots.Select(text => BeamlineRoot.TryParse(text)!.Path))
            .Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Which of them the staff of which beamline may use.</summary>
    internal IReadOnlyList<BeamlineRoot> BeamlineRoots { get; } =
    [.. options.Value.BeamlineRoots.Select(text => BeamlineRoot.TryParse(text)!)];

    /// <summary>The folder of that path and prefix, made where there is none yet.</summary>
    internal static RegisteredFolder Take(DbTransaction transaction, long bucketId, string path, string prefix)
    {
        var names = new
        {
            bucketId,
            path,
            prefix,
        };
        transaction.Connection!.Execute(
            """
            INSERT INTO registered_folder (bucket_id, path, prefix) VALUES (@bucketId, @path, @prefix)
            ON CONFLICT (bucket_id, prefix, path) DO NOTHING
            """,
            names,
            transaction
        );
        var id = transaction.Connection!.ExecuteScalar<long>(
            "SELECT id FROM registered_folder WHERE bucket_id = @bucketId AND prefix = @prefix AND path = @path",
            names,
            transaction
        );
        return new RegisteredFolder(id, bucketId, path, prefix);
    }

    /// <summary>Opens a file or folder under one of the roots.</summary>
    /// <param name="path">Absolute.</param>
    /// <returns>Null where there is none, or the way leads over a link.</returns>
    internal SafeFileHandle? TryOpen(string path, bool folder, out int errno)
    {
        if (RootOf(path) is { } root)
            return Posix.OpenBeneath(
                root,
                path.Length == root.Length ? "" : path[(root.Length + 1)..],
                folder,
                out errno
            );
        errno = Posix.EACCES;
        return null;
    }

    /// <summary>The root an absolute path lies in; null where it lies in none.</summary>
    internal string? RootOf(string path) => Roots.FirstOrDefault(root => Contains(root, path));

    internal static bool Contains(string folder, string path) =>
        path == folder || (path.StartsWith(folder, StringComparison.Ordinal) && path[folder.Length] == '/');

    /// <summary>Opens exactly the bytes a row describes.</summary>
    /// <returns>The bytes, or why they are not given.</returns>
    internal async ValueTask<(StoredBytes? Bytes, FaultException? Refusal)> OpenAsync(
        DataFile file,
        CancellationToken cancellationToken
    )
    {
        var (handle, refusal) = await TryOpenAsync(file, cancellationToken);
        return (handle is null ? null : new RegisteredBytes(handle, file), refusal);
    }

    /// <summary>As <see cref="OpenAsync"/>, for the scrubber; null where the bytes are not (any longer) those that were catalogued.</summary>
    internal async ValueTask<FoundFile?> FindForCheckAsync(DataFile file, CancellationToken cancellationToken)
    {
        var (handle, _) = await TryOpenAsync(file, cancellationToken);
        return handle is null ? null : PosixStore.OpenedForCheck(handle);
    }

    /// <summary>Opens it for whoever needs no more than the file itself.</summary>
    internal async ValueTask<(SafeFileHandle? Handle, FaultException? Refusal)> TryOpenAsync(
        DataFile file,
        CancellationToken cancellationToken
    )
    {
        var folder = await GetAsync(RegisteredName.Parse(file.Blob).FolderId, cancellationToken);
        var handle = TryOpen(folder.PathOf(file.Key), folder: false, out var errno);
        if (handle is null)
            return (null, errno == Posix.EACCES ? Unreadable(file.Key) : Gone(file.Key));
        if (IsThatVersion(handle, file))
            return (handle, null);
        handle.Dispose();
        return (null, Changed(file.Key));
    }

    internal static bool IsThatVersion(SafeFileHandle handle, DataFile file)
    {
        var name = RegisteredName.Parse(file.Blob);
        return Posix.FactsOf(handle) is { Kind: EntryKind.File } facts
            && facts.SizeBytes == file.SizeBytes
            && facts.ModifiedNanoseconds == name.ModifiedNanoseconds
            && facts.Inode == name.Inode;
    }

    /// <summary>Where a registered file lies, for a person.</summary>
    internal async ValueTask<string> PathOfAsync(string blob, string key, CancellationToken cancellationToken) =>
        (await GetAsync(RegisteredName.Parse(blob).FolderId, cancellationToken)).PathOf(key);

    async ValueTask<RegisteredFolder> GetAsync(long id, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(id, out var known))
            return known;
        await using var connection = await database.OpenAsync(cancellationToken);
        return _known[id] = await connection.QuerySingleAsync<RegisteredFolder>(
            "SELECT id, bucket_id, path, prefix FROM registered_folder WHERE id = @id",
            new { id }
        );
    }

    /// <summary>Inside the transaction that takes a registered file out of the catalogue because somebody wants that.</summary>
    internal static void Replaced(DbTransaction transaction, DataFile? before)
    {
        if (before is { Location: Location.Registered })
            transaction.Connection!.Execute(
                "INSERT INTO registered_replaced (bucket_id, key) VALUES (@BucketId, @Key) ON CONFLICT (bucket_id, key) DO NOTHING",
                new { before.BucketId, before.Key },
                transaction
            );
    }

    /// <summary>Inside the transaction that makes a registered version current again.</summary>
    internal static void TakenBack(DbTransaction transaction, DataFile file) =>
        transaction.Connection!.Execute(
            "DELETE FROM registered_replaced WHERE bucket_id = @BucketId AND key = @Key",
            new { file.BucketId, file.Key },
            transaction
        );

    const string CatalogueAgain = "An administrator can catalogue its folder again (re-scan).";

    internal static FaultException Changed(string key) =>
        Fault.Conflict(
            "changed-on-storage",
            $"'{key}' has changed on the storage since it was catalogued, so it is not served. {CatalogueAgain}",
            ("key", key)
        );

    static FaultException Gone(string key) =>
        Fault.Conflict(
            "gone-from-storage",
            $"'{key}' is no longer where it was on the storage when it was catalogued. {CatalogueAgain}",
            ("key", key)
        );

    static FaultException Unreadable(string key) =>
        Fault.Conflict(
            "unreadable-on-storage",
            $"'{key}' lies on the facility's storage where Harima may not read it (any longer). Tell the facility's staff.",
            ("key", key)
        );
}

/// <summary>A registered file that is open. Others may write into it at any moment; then reading ends.</summary>
sealed class RegisteredBytes(SafeFileHandle handle, DataFile file) : StoredBytes
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, long offsetBytes, CancellationToken cancellationToken)
    {
        var read = RandomAccess.Read(handle, buffer.Span, offsetBytes);
        // After the read, so that what was read is what was there before the change.
        return RegisteredFolders.IsThatVersion(handle, file)
            ? new ValueTask<int>(read)
            : throw RegisteredFolders.Changed(file.Key);
    }

    protected override void Dispose(bool disposing) => handle.Dispose();
}
