using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

public sealed partial class PosixStore
{
    /// <summary>
    /// Sees to it that the bytes of a version are those the catalogue holds: under the version's own name where it is not the
    /// current one, else staged, from where they are put into place. Nothing is made durable: the catalogue still has them.
    /// </summary>
    /// <param name="always">Write them even if what is there looks right.</param>
    /// <returns>Whether they had to be written.</returns>
    internal bool Restore(string folder, DataFile file, byte[] body, bool always)
    {
        var target = file.IsNoncurrent ? KeyPath.Version(Root, file.Blob) : KeyPath.Staged(Root, file.Blob);
        var right = false;
        foreach (var path in PlacesOf(folder, file).Distinct())
        {
            using var handle = TryOpen(path);
            if (handle is null || !IsThatVersion(handle, file))
                continue;
            if (Holds(handle, body))
                right = true;
            else
                // It has the looks of this version, so it would be served.
                _ = Posix.Unlink(path);
        }
        if (right && !always)
            return false;
        WriteAgain(target, file, body);
        return true;
    }

    void WriteAgain(string target, DataFile file, byte[] body)
    {
        var fresh = NewStaged();
        try
        {
            var path = PathOf(fresh);
            using (var handle = Create(path, body.Length))
            {
                RandomAccess.Write(handle, body, 0);
                File.SetLastWriteTimeUtc(handle, file.ModifiedAt.UtcDateTime);
            }
            if (!TryRename(path, target))
                throw new IOException($"The bytes of '{file.Key}' could not be written again as {file.Blob}.");
            fresh.Kept = true;
        }
        finally
        {
            fresh.Dispose();
        }
    }

    static bool Holds(SafeFileHandle handle, byte[] body)
    {
        var found = new byte[body.Length + 1];
        var filled = 0;
        for (int read; (read = RandomAccess.Read(handle, found.AsSpan(filled), filled)) > 0; filled += read) { }
        return found.AsSpan(0, filled).SequenceEqual(body);
    }
}
