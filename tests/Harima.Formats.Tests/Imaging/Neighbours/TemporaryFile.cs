namespace Harima.Imaging.Neighbours;

/// <summary>A file that is gone after the test.</summary>
sealed class TemporaryFile(string extension) : IDisposable
{
    public string Path { get; } =
        System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"harima-{Guid.CreateVersion7():N}{extension}");

    public static TemporaryFile Write(string extension, Action<Stream> write)
    {
        var file = new TemporaryFile(extension);
        using var stream = File.Create(file.Path);
        write(stream);
        return file;
    }

    public void Dispose() => File.Delete(Path);
}
