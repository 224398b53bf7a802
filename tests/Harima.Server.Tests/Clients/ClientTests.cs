using System.Security.Cryptography;
using Harima.Gateway;

namespace Harima.Clients;

/// <summary>What the tests with other people's clients have in common: a folder with files that are not all easy.</summary>
public abstract class ClientTests(RunningHarima harima) : GatewayTests(harima), IDisposable
{
    // Above every client's threshold for multipart uploads (8 MB for aws, 5 MB chosen for rclone, 15 MB for s3cmd).
    const int LargeBytes = 17 << 20;

    protected string Folder { get; } = Directory.CreateTempSubdirectory("harima-client-").FullName;

    protected string Sequence { get; } = NewSequence();

    protected string PathOf(string name) => Path.Combine(Folder, name);

    protected static string Sha256Of(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexString(SHA256.HashData(file));
    }

    /// <summary>Fills <c>up/</c> with small files, odd names and one that is sent in parts.</summary>
    protected string[] Fill()
    {
        (string Name, int Length)[] files =
        [
            ("empty.txt", 0),
            ("scan 0001.h5", 5_000),
            ("raw/試料 A+B.tif", 70_000),
            ("raw/deep/er/#1 50%.csv", 300),
            ("large.bin", LargeBytes),
        ];
        foreach (var (name, length) in files)
        {
            var path = PathOf("up/" + name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, RandomNumberGenerator.GetBytes(length));
        }
        return [.. files.Select(file => file.Name)];
    }

    /// <summary>Every file of <c>up/</c> is in <paramref name="folder"/>, byte for byte.</summary>
    protected void AreWhole(IEnumerable<string> names, string folder)
    {
        foreach (var name in names)
            Assert.Equal(Sha256Of(PathOf("up/" + name)), Sha256Of(PathOf(folder + "/" + name)));
    }

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
