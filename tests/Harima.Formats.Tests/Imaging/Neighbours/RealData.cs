namespace Harima.Imaging.Neighbours;

/// <summary>Real measurements beside the repository, or in the folder that HARIMA_TEST_DATA names; read in place.</summary>
static class RealData
{
    /// <summary>The bytes of a file; the test is skipped where it is absent.</summary>
    public static byte[] Read(string path)
    {
        var file = Path.Combine(Folder(), path);
        Assert.SkipUnless(File.Exists(file), $"The real measurement {path} is not here (set HARIMA_TEST_DATA).");
        return File.ReadAllBytes(file);
    }

    /// <summary>Where a file lies; the test is skipped where it is absent.</summary>
    public static string PathOf(string path)
    {
        var file = Path.Combine(Folder(), path);
        Assert.SkipUnless(Path.Exists(file), $"The real measurement {path} is not here (set HARIMA_TEST_DATA).");
        return file;
    }

    static string Folder()
    {
        if (Environment.GetEnvironmentVariable("HARIMA_TEST_DATA") is { Length: > 0 } named)
            return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Harima.slnx")))
                return Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "data"));
        return "";
    }
}
