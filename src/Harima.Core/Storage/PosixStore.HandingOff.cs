using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

public sealed partial class PosixStore
{
    // Whoever a file is handed to opens it at once, and an open file outlives its name; the rest is patience with clocks.
    static readonly TimeSpan HandedOffFor = TimeSpan.FromMinutes(10);

    string HandOffFolder => Path.Combine(Root, KeyPath.Own, "handoff");

    /// <summary>
    /// Gives an open file a name under which another program on this machine can open it for some minutes. The name belongs to
    /// this version alone: an overwrite in between changes nothing.
    /// </summary>
    /// <returns>The name, relative to <c>.harima/handoff</c>; null where the file system does not allow it.</returns>
    internal string? HandOff(SafeFileHandle handle, string blob)
    {
        var period = Time.GetUtcNow().Ticks / HandedOffFor.Ticks;
        var name = string.Create(CultureInfo.InvariantCulture, $"{period}/{blob}");
        var path = Path.Combine(HandOffFolder, name);
        var done = Posix.LinkOpen(handle, path);
        if (done == Posix.ENOENT)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            done = Posix.LinkOpen(handle, path);
        }
        return done is 0 or Posix.EEXIST ? name : null;
    }

    /// <summary>Removes the names of periods that are over.</summary>
    /// <returns>How many periods.</returns>
    internal int EndHandOffs()
    {
        var now = Time.GetUtcNow().Ticks / HandedOffFor.Ticks;
        var removed = 0;
        if (!Directory.Exists(HandOffFolder))
            return 0;
        foreach (var folder in Directory.EnumerateDirectories(HandOffFolder))
        {
            if (
                long.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var period)
                && period >= now - 1
            )
                continue;
            foreach (var file in Directory.EnumerateFiles(folder))
                _ = Posix.Unlink(file);
            _ = Posix.RemoveFolder(folder);
            removed++;
        }
        return removed;
    }
}
