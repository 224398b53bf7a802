using Harima.Catalogue;
using Microsoft.Extensions.Options;

namespace Harima.Search.Feed;

/// <summary>
/// The folder of this process's index: named after the machine, so that it is the same after a restart, and locked, because several
/// replicas may share the data directory and a machine.
/// </summary>
sealed class SearchFolder : IDisposable
{
    const int MostOnOneMachine = 64;

    readonly FileStream _lock;

    SearchFolder(string path, FileStream locked) => (Path, _lock) = (path, locked);

    public string Path { get; }

    /// <summary>The name of the replica.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>From which catalogue the index was made; empty where that is not known.</summary>
    public string Catalogue
    {
        get => File.Exists(CatalogueFile) ? File.ReadAllText(CatalogueFile).Trim() : "";
        set => File.WriteAllText(CatalogueFile, value);
    }

    /// <summary>In which time zone dates without one were read; an index of before there was a choice is Japanese.</summary>
    public string TimeZone
    {
        get => File.Exists(TimeZoneFile) ? File.ReadAllText(TimeZoneFile).Trim() : "Asia/Tokyo";
        set => File.WriteAllText(TimeZoneFile, value);
    }

    string CatalogueFile => System.IO.Path.Combine(Path, "catalogue");
    string TimeZoneFile => System.IO.Path.Combine(Path, "time-zone");

    public static SearchFolder Take(SearchOptions options, IOptions<DataOptions> data)
    {
        var root = options.Directory ?? System.IO.Path.Combine(data.Value.Directory, "search");
        for (var n = 1; ; n++)
        {
            var name = n == 1 ? Environment.MachineName : FormattableString.Invariant($"{Environment.MachineName}-{n}");
            var path = System.IO.Path.Combine(root, name);
            System.IO.Directory.CreateDirectory(path);
            try
            {
                return new SearchFolder(
                    path,
                    new FileStream(
                        System.IO.Path.Combine(path, "replica.lock"),
                        FileMode.OpenOrCreate,
                        FileAccess.ReadWrite,
                        FileShare.None
                    )
                );
            }
            catch (IOException) when (n < MostOnOneMachine)
            {
                // Another process here has it.
            }
        }
    }

    public void Dispose() => _lock.Dispose();
}
