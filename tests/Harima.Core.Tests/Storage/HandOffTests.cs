using Harima.Sequences;
using Harima.Storage;

namespace Harima.Core.Tests.Storage;

/// <summary>Names under which another program sends a file.</summary>
public sealed class HandOffTests : IAsyncLifetime
{
    readonly SqliteFacility _facility = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    string Folder => Path.Combine(_facility.Files, ".harima", "handoff");

    public ValueTask InitializeAsync() => _facility.InitializeAsync();

    public ValueTask DisposeAsync() => _facility.DisposeAsync();

    [Fact]
    public async Task The_name_stays_with_the_version_that_was_opened()
    {
        await _facility.PutAsync("S1/a", [1]);
        using var opened = await OpenAsync();
        await _facility.PutAsync("S1/a", [2]);
        // The opened file has lost its name; whoever opened it must send it.
        Assert.Null(_facility.Get<FileQueries>().HandOff(opened));

        using var second = await OpenAsync();
        var name = _facility.Get<FileQueries>().HandOff(second);
        await _facility.PutAsync("S1/a", [3]);
        Assert.Equal([2], await File.ReadAllBytesAsync(Path.Combine(Folder, name!), Token));
        Assert.Equal([3], await _facility.ReadAsync("S1/a"));
    }

    [Fact]
    public async Task Names_go_when_their_period_is_over_and_the_file_stays()
    {
        await _facility.PutAsync("S1/a", [1]);
        using var opened = await OpenAsync();
        var name = Path.Combine(Folder, _facility.Get<FileQueries>().HandOff(opened)!);
        var over = Path.Combine(Folder, "1", Path.GetFileName(name));
        Directory.CreateDirectory(Path.GetDirectoryName(over)!);
        File.Copy(name, over);

        Assert.Equal(1, _facility.Get<PosixStore>().EndHandOffs());

        Assert.False(Directory.Exists(Path.GetDirectoryName(over)));
        Assert.True(File.Exists(name));
        Assert.Equal([1], await _facility.ReadAsync("S1/a"));
    }

    Task<OpenedFile> OpenAsync() =>
        _facility.Get<FileQueries>().OpenAsync(TestFacility.Leader, TestFacility.Bucket, "S1/a", Token);
}
