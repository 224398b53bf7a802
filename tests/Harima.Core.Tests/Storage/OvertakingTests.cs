using System.Text;
using Harima.Storage;

namespace Harima.Core.Tests.Storage;

/// <summary>Two replicas change one key, and the one that committed first comes to the disk last.</summary>
public sealed class OvertakingTests : IAsyncLifetime
{
    readonly SqliteFacility _facility = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    PosixStore Store => _facility.Get<PosixStore>();

    string Tree => Path.Combine(_facility.Files, "F", "a");

    public ValueTask InitializeAsync() => _facility.InitializeAsync();

    public ValueTask DisposeAsync() => _facility.DisposeAsync();

    [Fact]
    public async Task A_late_rename_leaves_the_newer_bytes()
    {
        using var earlier = await StageAsync("earlier");
        using var later = await StageAsync("later");
        Store.Overtake(earlier.Blob);
        Place(later);
        Place(earlier);
        Assert.Equal("later", await File.ReadAllTextAsync(Tree, Token));
    }

    [Fact]
    public async Task A_late_removal_leaves_the_newer_bytes()
    {
        using var removing = Store.BeginRemoval();
        using var later = await StageAsync("later");
        Store.Overtake(removing.Name);
        Place(later);
        Store.Remove("F", "a", removing);
        Assert.Equal("later", await File.ReadAllTextAsync(Tree, Token));
    }

    [Fact]
    public async Task A_removal_that_was_broken_off_after_its_move_leaves_nothing_once_overtaken()
    {
        var removing = Store.BeginRemoval();
        var folder = Path.Combine(_facility.Files, ".harima", "staging", removing.Name);
        await File.WriteAllTextAsync(Path.Combine(folder, "gone"), "moved", Token);
        Store.Overtake(removing.Name);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task Removing_a_key_leaves_the_folder_of_others_by_that_name()
    {
        using var other = await StageAsync("other");
        Store.Place("F", "a/b", other.Blob, Location.Tree, isOlder: false);
        using var removing = Store.BeginRemoval();
        Store.Remove("F", "a", removing);
        Assert.Equal("other", await File.ReadAllTextAsync(Path.Combine(Tree, "b"), Token));
    }

    void Place(StagedBlob staged) => Store.Place("F", "a", staged.Blob, Location.Tree, isOlder: false);

    Task<StagedBlob> StageAsync(string text) =>
        Store.StageAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), BodyExpectation.None, inCommit: false, Token);
}
