namespace Harima.Cli.Transfers;

/// <summary>A local file and the path it gets under the target.</summary>
sealed record LocalFile(string FileName, string Path);

static class LocalFiles
{
    /// <summary>A file goes under its own name; of a folder its content goes, the tree below it kept.</summary>
    public static IReadOnlyList<LocalFile> Find(IEnumerable<string> given)
    {
        var found = new List<LocalFile>();
        foreach (var name in given)
        {
            if (File.Exists(name))
                found.Add(new LocalFile(name, System.IO.Path.GetFileName(name)));
            else if (Directory.Exists(name))
                found.AddRange(
                    Directory
                        .EnumerateFiles(name, "*", SearchOption.AllDirectories)
                        .Select(file => new LocalFile(
                            file,
                            System
                                .IO.Path.GetRelativePath(name, file)
                                .Replace(System.IO.Path.DirectorySeparatorChar, '/')
                        ))
                );
            else
                throw new FileNotFoundException($"There is no file or folder '{name}'.");
        }
        if (
            found.GroupBy(file => file.Path, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is
            { } twice
        )
            throw new UsageException(
                $"'{twice.First().FileName}' and '{twice.Last().FileName}' would both become '{twice.Key}'. Put them one after the other, to different folders."
            );
        return [.. found.OrderBy(file => file.Path, StringComparer.Ordinal)];
    }
}
