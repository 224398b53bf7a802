using System.Text;
using Harima.Rest;
using Harima.S3.Keys;

namespace Harima.Cli.Transfers;

/// <summary>What becomes of one stored file on this computer.</summary>
/// <param name="Path">Below the target folder, parts separated by '/'.</param>
/// <param name="PartPath">Where its bytes are until all are there: beside it, and no other file's name.</param>
/// <param name="Fault">Why it cannot be a local file, or null.</param>
sealed record LocalTarget(FileDto File, string Path, string PartPath, string? Fault)
{
    /// <summary>What S3 clients make to show an empty folder, and what it becomes here.</summary>
    public bool IsFolder { get; init; }
}

/// <summary>Decides for all files of a fetch together where each goes: a key may hold anything, a local path may not.</summary>
static class LocalNames
{
    // What is added to a name while its file is on the way; see Download.
    const string PartSuffix = ".part";
    const string LongestSuffix = ".part.done";

    // What the systems' own file systems tell apart.
    static readonly StringComparer Names = OperatingSystem.IsLinux()
        ? StringComparer.Ordinal
        : StringComparer.OrdinalIgnoreCase;

    /// <param name="root">What all keys begin with and no local path does.</param>
    /// <param name="rename">Whether keys that cannot be local paths go to <see cref="PlainPath.OddFolder"/>, encoded.</param>
    public static IReadOnlyList<LocalTarget> Plan(IEnumerable<FileDto> files, string root, bool rename)
    {
        var all = files.Select(file => (File: file, Path: file.Key[root.Length..])).ToList();
        var good = all.Where(one => FindFault(one.Path) is null).ToList();
        var folders = new HashSet<string>(good.SelectMany(one => FoldersOf(one.Path)), Names);
        if (rename)
            folders.Add(PlainPath.OddFolder);
        var taken = new HashSet<string>(Names);
        var targets = new List<LocalTarget>();
        var odd = new List<(FileDto File, string Path, string Fault)>();
        foreach (var (file, path) in good)
        {
            if (folders.Contains(path))
                odd.Add((file, path, "is also the name of a folder"));
            else if (!taken.Add(path))
                odd.Add((file, path, "differs from another only in upper and lower case"));
            else
                targets.Add(new LocalTarget(file, path, "", null));
        }
        foreach (var (file, path) in all)
        {
            if (FindFault(path) is not { } fault)
                continue;
            var folder = path.EndsWith('/') ? path[..^1] : "";
            if (file.SizeBytes == 0 && folder.Length > 0 && FindFault(folder) is null && !taken.Contains(folder))
                targets.Add(new LocalTarget(file, folder, "", null) { IsFolder = true });
            else
                odd.Add((file, path, fault));
        }
        foreach (var (file, path, fault) in odd)
            targets.Add(
                rename
                    ? new LocalTarget(file, Free(PlainPath.Encode(path), taken), "", null)
                    : new LocalTarget(file, path, "", $"Its name {fault}, so it cannot be a local file.")
            );
        return
        [
            .. targets
                .Select(target => target with { PartPath = PartPathOf(target.Path, taken, folders) })
                .OrderBy(target => target.File.Key, StringComparer.Ordinal),
        ];
    }

    static string? FindFault(string path)
    {
        if (PlainPath.FindFault(path) is { } fault)
            return fault;
        foreach (var segment in path.Split('/'))
        {
            if (Encoding.UTF8.GetByteCount(segment) > PlainPath.LongestNameBytes)
                return FormattableString.Invariant($"has a part of more than {PlainPath.LongestNameBytes} bytes");
            if (segment.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) >= 0)
                return "has a character that this system's file names cannot have";
        }
        return null;
    }

    static IEnumerable<string> FoldersOf(string path)
    {
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
            yield return path[..slash];
    }

    static string Free(string path, HashSet<string> taken)
    {
        while (!taken.Add(path))
            path += "~";
        return path;
    }

    static string PartPathOf(string path, HashSet<string> taken, HashSet<string> folders)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        bool IsTaken(string other) => taken.Contains(other) || folders.Contains(other);
        return
            Encoding.UTF8.GetByteCount(name + LongestSuffix) <= PlainPath.LongestNameBytes
            && !IsTaken(path + PartSuffix)
            && !IsTaken(path + LongestSuffix)
            ? path + PartSuffix
            : path[..^name.Length] + Free(PlainPath.ShortNameOf(path) + PartSuffix, taken);
    }
}
