namespace Harima.Storage;

public sealed partial class PosixStore
{
    /// <summary>
    /// Gives the bytes of a version that is no longer the current one their own name in the hidden place, durably, so that
    /// something else may be put under the key's name. Does nothing if that has been done.
    /// </summary>
    /// <returns>False where the bytes are nowhere, or are no longer those that were stored.</returns>
    internal bool Keep(string folder, DataFile file)
    {
        var kept = KeyPath.Version(Root, file.Blob);
        if (File.Exists(kept))
            return true;
        var staged = KeyPath.Staged(Root, file.Blob);
        if (File.Exists(staged))
        {
            if (!TryMove(Posix.Rename, staged, kept))
                throw new IOException(
                    $"The older version {file.Blob} of '{file.Key}' could not be moved; it stays staged."
                );
            return true;
        }
        foreach (var path in new[] { KeyPath.InTree(Root, folder, file.Key), KeyPath.Odd(Root, folder, file.Key) })
        {
            if (path is null || !HoldsVersion(path, file))
                continue;
            // A second name, not a move: programs that read the tree in place find the key at every moment.
            if (!TryMove(Posix.Link, path, kept))
                throw new IOException(
                    $"The older version {file.Blob} of '{file.Key}' could not be kept; it stays in place."
                );
            return true;
        }
        return false;
    }

    /// <summary>Removes the bytes of a version for good.</summary>
    internal void Drop(string blob)
    {
        _ = Posix.Unlink(KeyPath.Version(Root, blob));
        _ = Posix.Unlink(KeyPath.Staged(Root, blob));
    }

    bool HoldsVersion(string path, DataFile file)
    {
        using var handle = TryOpen(path);
        return handle is not null && (IsThatVersion(handle, file) || HasContent(handle, file));
    }

    static bool TryMove(Func<string, string, int> act, string from, string to)
    {
        var folder = Path.GetDirectoryName(to)!;
        var done = act(from, to);
        if (done == Posix.ENOENT)
        {
            Directory.CreateDirectory(folder);
            Posix.SyncFolder(Path.GetDirectoryName(folder)!);
            done = act(from, to);
        }
        if (done is not (0 or Posix.EEXIST))
            return false;
        // The old name is about to be taken: this one must be on disk before.
        Posix.SyncFolder(folder);
        return true;
    }
}
