namespace Harima.Core.Tests.House;

/// <summary>The checkout the tests were built from.</summary>
static class Repository
{
    public static string Root { get; } = Find();

    public static IEnumerable<string> SourceFiles(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file =>
                !file.Contains("/obj/", StringComparison.Ordinal)
                && !file.Contains("/node_modules/", StringComparison.Ordinal)
            );

    public static string Relative(string file) => Path.GetRelativePath(Root, file);

    static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Harima.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("not inside a checkout");
        return folder;
    }
}
