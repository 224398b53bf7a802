using Harima.Sequences;
using Harima.Storage;

namespace Harima.Core.Tests.Storage;

/// <summary>What a crash can leave in a bucket that keeps versions, made by hand, and a start that mends it.</summary>
public sealed class VersionReconcileTests : IAsyncLifetime
{
    const string Key = "S1/sub/a";

    readonly SqliteFacility _facility = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    string Staging => Path.Combine(_facility.Files, ".harima", "staging");

    string Tree => Path.Combine(_facility.Files, TestFacility.Proposal, "S1", "sub", "a");

    public async ValueTask InitializeAsync()
    {
        await _facility.InitializeAsync();
        await _facility
            .Get<KeepVersions>()
            .HandleAsync(TestFacility.Bucket, Versioning.Enabled, TestFacility.Leader, Token);
    }

    public ValueTask DisposeAsync() => _facility.DisposeAsync();

    string Kept(DataFile file) => Path.Combine(_facility.Files, ".harima", "versions", file.Blob[^2..], file.Blob);

    string Staged(DataFile file) => Path.Combine(Staging, file.Blob);

    async Task<byte[]> ReadAsync(DataFile file)
    {
        using var opened = await _facility
            .Get<FileQueries>()
            .OpenAsync(TestFacility.Leader, TestFacility.Bucket, Key, file.Version, Token);
        await using var stream = opened.ReadAll();
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Token);
        return copy.ToArray();
    }

    Task<Removal> RemoveAsync(string? version = null) =>
        _facility
            .Get<RemoveFile>()
            .HandleAsync(new RemoveFileRequest(TestFacility.Bucket, Key, version), TestFacility.Leader, Token);

    async Task RestartAsync()
    {
        await _facility.StopAsync();
        await _facility.StartAsync();
    }

    [Fact]
    public async Task Committed_only()
    {
        var old = await _facility.PutAsync(Key, [1]);
        var current = await _facility.PutAsync(Key, [2, 2]);
        Assert.Equal([1], await File.ReadAllBytesAsync(Kept(old), Token));
        // Back to the moment after the commit: the new bytes staged, the old ones still under the key's name.
        File.Move(Tree, Staged(current));
        File.Move(Kept(old), Tree);
        Assert.Equal([1], await ReadAsync(old));
        Assert.Equal([2, 2], await ReadAsync(current));

        await RestartAsync();

        Assert.Equal([1], await File.ReadAllBytesAsync(Kept(old), Token));
        Assert.Equal([2, 2], await File.ReadAllBytesAsync(Tree, Token));
        Assert.Equal([1], await ReadAsync(old));
        Assert.Equal([2, 2], await ReadAsync(current));
        Assert.Empty(Directory.GetFiles(Staging));
    }

    [Fact]
    public async Task Killed_between_the_second_name_and_the_rename()
    {
        var old = await _facility.PutAsync(Key, [1]);
        var current = await _facility.PutAsync(Key, [2, 2]);
        File.Move(Tree, Staged(current));
        File.Copy(Kept(old), Tree);

        await RestartAsync();

        Assert.Equal([1], await ReadAsync(old));
        Assert.Equal([2, 2], await File.ReadAllBytesAsync(Tree, Token));
    }

    [Fact]
    public async Task Several_overwrites_that_never_reached_their_place()
    {
        DataFile[] versions =
        [
            await _facility.PutAsync(Key, [1]),
            await _facility.PutAsync(Key, [2, 2]),
            await _facility.PutAsync(Key, [3, 3, 3]),
        ];
        File.Move(Tree, Staged(versions[2]));
        File.Move(Kept(versions[1]), Staged(versions[1]));
        File.Move(Kept(versions[0]), Tree);
        // One more, in the same process: it must not be put over the first.
        var last = await _facility.PutAsync(Key, [4]);

        foreach (
            var (file, bytes) in versions
                .Append(last)
                .Zip([
                    [1],
                    [2, 2],
                    [3, 3, 3],
                    new byte[] { 4 },
                ])
        )
            Assert.Equal(bytes, await ReadAsync(file));
        Assert.Equal([4], await File.ReadAllBytesAsync(Tree, Token));
        await RestartAsync();
        Assert.Equal([2, 2], await ReadAsync(versions[1]));
        Assert.Empty(Directory.GetFiles(Staging));
    }

    [Fact]
    public async Task Deleted_in_the_catalogue_only()
    {
        var old = await _facility.PutAsync(Key, [1]);
        await RemoveAsync();
        Assert.False(File.Exists(Tree));
        Directory.CreateDirectory(Path.GetDirectoryName(Tree)!);
        File.Move(Kept(old), Tree);

        await RestartAsync();

        Assert.False(File.Exists(Tree));
        Assert.Equal([1], await ReadAsync(old));
    }

    [Fact]
    public async Task Made_current_again_in_the_catalogue_only()
    {
        var old = await _facility.PutAsync(Key, [1]);
        var current = await _facility.PutAsync(Key, [2, 2]);
        await RemoveAsync(current.Version);
        Assert.Equal([1], await File.ReadAllBytesAsync(Tree, Token));
        Assert.False(File.Exists(Kept(old)));
        File.Move(Tree, Kept(old));
        await File.WriteAllBytesAsync(Tree, [2, 2], Token);
        Assert.Equal([1], await _facility.ReadAsync(Key));

        await RestartAsync();

        Assert.Equal([1], await File.ReadAllBytesAsync(Tree, Token));
        Assert.Equal([1], await _facility.ReadAsync(Key));
        Assert.False(File.Exists(Kept(old)));
    }

    [Fact]
    public async Task Removed_in_the_catalogue_only()
    {
        var old = await _facility.PutAsync(Key, [1]);
        await _facility.PutAsync(Key, [2, 2]);
        await RemoveAsync(old.Version);
        Assert.False(File.Exists(Kept(old)));
        await File.WriteAllBytesAsync(Kept(old), [1], Token);

        await RestartAsync();

        Assert.False(File.Exists(Kept(old)));
        Assert.Equal([2, 2], await _facility.ReadAsync(Key));
    }

    [Fact]
    public async Task Marks_go_once_the_disk_is_known_to_agree()
    {
        await _facility.PutAsync(Key, [1]);
        await _facility.PutAsync(Key, [2]);
        Assert.True(await _facility.Get<FileStore>().ConfirmPlacementsAsync(Token) > 0);
        await RestartAsync();
        Assert.Equal(0, await _facility.Get<FileStore>().ConfirmPlacementsAsync(Token));
        var old = await _facility.PutAsync(Key, [3]);
        var kept = await _facility.PutAsync(Key, [4]);
        Assert.Equal([3], await ReadAsync(old));
        Assert.Equal([4], await ReadAsync(kept));
    }
}
