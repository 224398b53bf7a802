namespace Harima.Storage;

public sealed partial class PosixStore
{
    const string Gone = "/gone";

    /// <summary>Where the bytes of a key will go, as far as can be told before they are put there.</summary>
    internal Location Foresee(string folder, string key)
    {
        var tree = KeyPath.InTree(Root, folder, key);
        if (tree is null || Directory.Exists(tree))
            return Location.Odd;
        // A file where a folder is needed: the key a/b while a is a file.
        var parent = Path.GetDirectoryName(tree)!;
        while (parent.Length > Root.Length)
        {
            if (Directory.Exists(parent))
                break;
            if (File.Exists(parent))
                return Location.Odd;
            parent = Path.GetDirectoryName(parent)!;
        }
        return Location.Tree;
    }

    /// <summary>
    /// Moves staged bytes under their name, over whatever was there. Does nothing if that has been done, or if a later change
    /// has overtaken it: who commits after somebody takes away what that one would rename.
    /// </summary>
    /// <param name="isOlder">Whether these may be the bytes of an older version that has become the current one again.</param>
    /// <returns>Where they are now; another place than foreseen if a folder has come into being meanwhile.</returns>
    internal Location Place(string folder, string key, string blob, Location wanted, bool isOlder)
    {
        var staged = KeyPath.Staged(Root, blob);
        var odd = KeyPath.Odd(Root, folder, key);
        var source = staged;
        if (!File.Exists(source))
        {
            source = KeyPath.Version(Root, blob);
            if (!isOlder || !File.Exists(source))
                return wanted;
        }
        if (wanted == Location.Tree && KeyPath.InTree(Root, folder, key) is { } tree && TryRename(source, tree))
        {
            _ = Posix.Unlink(odd);
            LeaveOneName(source, staged);
            return Location.Tree;
        }
        if (TryRename(source, odd))
            LeaveOneName(source, staged);
        else if (!File.Exists(source))
            return wanted;
        else
            throw new IOException($"The bytes of '{key}' could not be put into place; they stay staged as {blob}.");
        return Location.Odd;
    }

    /// <summary>Takes away what an earlier change of the same key would still put into place or remove with.</summary>
    internal void Overtake(string blob)
    {
        // Marks of before there were removals with names.
        if (blob.Length == 0)
            return;
        var staged = KeyPath.Staged(Root, blob);
        if (Posix.Unlink(staged) is not (Posix.EISDIR or Posix.EPERM))
            return;
        // Not empty: the move has happened, and nobody may be left to remove what was moved.
        if (Posix.RemoveFolder(staged) == Posix.ENOTEMPTY && Posix.Unlink(staged + Gone) is (0 or Posix.ENOENT))
            _ = Posix.RemoveFolder(staged);
    }

    /// <summary>
    /// Announces a removal: a folder into which the file will be moved. Whoever commits after the removal takes the folder
    /// away, and then the move fails, where removing by name would take the newer file.
    /// </summary>
    internal Removing BeginRemoval()
    {
        var name = NewStaged().Blob;
        Directory.CreateDirectory(KeyPath.Staged(Root, name));
        return new Removing(this, name);
    }

    internal sealed class Removing(PosixStore store, string name) : IDisposable
    {
        public string Name { get; } = name;

        public void Dispose() => _ = Posix.RemoveFolder(KeyPath.Staged(store.Root, Name));
    }

    // A rename between two names of one file does nothing: a version that was kept and at once became current again has two.
    static void LeaveOneName(string source, string staged)
    {
        if (source != staged)
            _ = Posix.Unlink(source);
    }

    /// <summary>Removes the file of a key that no longer exists, and the folders that are empty without it.</summary>
    internal void Remove(string folder, string key, Removing removing)
    {
        Remove(KeyPath.Odd(Root, folder, key), removing);
        if (KeyPath.InTree(Root, folder, key) is not { } tree || !Remove(tree, removing))
            return;
        var top = $"{Root}/{folder}";
        for (
            var parent = Path.GetDirectoryName(tree)!;
            parent.Length > top.Length;
            parent = Path.GetDirectoryName(parent)!
        )
        {
            // Fails while something is inside. A writer that needs the folder at this very moment makes it again.
            if (Posix.RemoveFolder(parent) != 0)
                break;
        }
    }

    bool Remove(string path, Removing removing)
    {
        var gone = KeyPath.Staged(Root, removing.Name) + Gone;
        // A folder of that name is of other keys.
        if (Directory.Exists(path) || Posix.Rename(path, gone) != 0)
            return false;
        _ = Posix.Unlink(gone);
        return true;
    }

    /// <summary>Makes everything written so far durable. Fails if anything could not be written since the last time.</summary>
    internal void SyncAll()
    {
        try
        {
            Posix.SyncFileSystem(_root);
        }
        catch (IOException)
        {
            FailedSyncs++;
            throw;
        }
    }

    /// <summary>Bytes written before the last of them may never reach the disk, though the system does not say so again.</summary>
    internal int FailedSyncs { get; private set; }

    internal override void Discard(string blob) => _ = Posix.Unlink(KeyPath.Staged(Root, blob));

    /// <summary>What lies in the staging folder, with its age.</summary>
    internal IEnumerable<(string Blob, DateTimeOffset ModifiedAt)> Staged() =>
        new DirectoryInfo(Path.Combine(Root, KeyPath.Own, "staging"))
            .EnumerateFileSystemInfos()
            .Select(file => (file.Name, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero)));

    static bool TryRename(string from, string to)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            switch (Posix.Rename(from, to))
            {
                case 0:
                    return true;
                case Posix.ENOENT when File.Exists(from) && TryMakeParents(to):
                    continue;
                case Posix.EISDIR when attempt == 0 && Posix.RemoveFolder(to) == 0:
                    // A folder that was left empty.
                    continue;
                default:
                    return false;
            }
        }
        return false;
    }

    static bool TryMakeParents(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return true;
        }
        catch (IOException)
        {
            // A file where a folder is needed.
            return false;
        }
    }
}
