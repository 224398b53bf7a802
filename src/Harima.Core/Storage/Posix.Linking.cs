using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

static partial class Posix
{
    const int CurrentFolder = -100;
    const int FollowLinks = 0x400;

    /// <summary>Gives the very file that is open here one more name, whatever its other names mean by now.</summary>
    /// <returns>0, or the errno; ENOENT if it has no name left.</returns>
    public static int LinkOpen(SafeFileHandle handle, string to)
    {
        var descriptor = handle.DangerousGetHandle().ToInt32();
        var from = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{descriptor}");
        var done = linkat(CurrentFolder, from, CurrentFolder, to, FollowLinks);
        var errno = done == 0 ? 0 : Marshal.GetLastPInvokeError();
        GC.KeepAlive(handle);
        return errno;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int linkat(int fromFolder, string from, int toFolder, string to, int flags);
}
