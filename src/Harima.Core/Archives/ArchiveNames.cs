using Harima.S3.Keys;
using Harima.Storage;

namespace Harima.Archives;

/// <summary>
/// Names in archives. Whoever unpacks one must get every file, inside the folder they unpack to: keys that are no path for a
/// file system (<c>a</c> beside <c>a/b</c>, <c>..</c>, over-long names) go to the folder <c>odd-names</c> with their key encoded.
/// </summary>
static class ArchiveNames
{
    public static string Of(string folder, string path, DataFile file)
    {
        if (file.Location is Location.Tree or Location.Elsewhere or Location.Registered && PlainPath.IsPlain(path))
            return $"{folder}/{path}";
        // What S3 clients make to show an empty folder.
        if (
            file.SizeBytes == 0
            && path.EndsWith('/')
            && path.TrimEnd('/') is { Length: > 0 } name
            && PlainPath.IsPlain(name)
        )
            return $"{folder}/{name}/";
        return $"{folder}/{PlainPath.Encode(path)}";
    }
}
