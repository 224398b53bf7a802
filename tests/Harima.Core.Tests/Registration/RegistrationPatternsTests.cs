using Harima.Faults;
using Harima.Registration;

namespace Harima.Core.Tests.Registration;

public sealed class RegistrationPatternsOnSqlite(SqliteFacility facility)
    : RegistrationPatternsTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class RegistrationPatternsOnPostgres(PostgresFacility facility)
    : RegistrationPatternsTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>Patterns decide which files of a tree are catalogued.</summary>
public abstract class RegistrationPatternsTests(TestFacility facility) : RegisteringTests(facility)
{
    [Theory]
    [InlineData("*.h5", "a.h5 raw/a.h5 raw/deep/b.h5", "a.h5.tmp raw/h5")]
    [InlineData("/*.h5", "a.h5", "raw/a.h5")]
    [InlineData("raw/*.h5", "raw/a.h5", "a.h5 raw/deep/a.h5 other/raw/a.h5")]
    [InlineData("raw/**/*.h5", "raw/a.h5 raw/deep/er/a.h5", "a.h5 other/raw/a.h5")]
    [InlineData("**/raw/*.h5", "raw/a.h5 x/y/raw/a.h5", "raw/deep/a.h5")]
    [InlineData("raw/**", "raw/a raw/b/c", "raw other/raw/a")]
    [InlineData("backup/", "backup/a x/backup/b/c", "backup x/backup backup2/a")]
    [InlineData("backup", "backup x/backup backup/a x/backup/b/c", "backup2 my-backup")]
    [InlineData("frame_?.cbf", "frame_1.cbf", "frame_12.cbf frame_.cbf")]
    [InlineData("試料*", "試料 1.csv x/試料/a", "別の試料")]
    [InlineData("a+(b)[c].{d}", "a+(b)[c].{d}", "aab[c].{d}")]
    public void A_pattern_is_met_by_paths(string pattern, string met, string others)
    {
        var patterns = FilePatterns.Parse([pattern], null);
        var excluding = FilePatterns.Parse(null, [pattern]);
        foreach (var path in pattern.Contains('試') ? met.Replace("料 1", "料~1").Split(' ') : met.Split(' '))
        {
            Assert.True(patterns.Takes(path.Replace('~', ' ')), path);
            Assert.False(excluding.Takes(path.Replace('~', ' ')), path);
        }
        foreach (var path in others.Split(' '))
        {
            Assert.False(patterns.Takes(path), path);
            Assert.True(excluding.Takes(path), path);
        }
    }

    [Theory]
    [InlineData("..")]
    [InlineData("raw/../x")]
    [InlineData("/")]
    [InlineData("a\tb")]
    public void What_is_no_pattern_is_refused(string pattern) =>
        Assert.Equal(
            "registration-pattern",
            Assert.Throws<FaultException>(() => FilePatterns.Parse([pattern], null)).Reason
        );

    [Fact]
    public async Task Only_what_the_patterns_take_is_catalogued_and_what_they_leave_out_is_counted()
    {
        var (folder, id) = (NewFolder(), NewId());
        foreach (
            var path in new[] { "raw/1.h5", "raw/1.h5.tmp", "raw/deep/2.h5", "log", "backup/1.h5", "backup/x/2.h5" }
        )
            Write(folder, path);
        File.CreateSymbolicLink(Path.Combine(folder, "backup/link"), "/etc/passwd");
        File.CreateSymbolicLink(Path.Combine(folder, "raw/link"), "/etc/passwd");
        var request = new RegisterRequest(folder, TestFacility.Proposal, id, 0, ["*.h5", "*.none"], ["backup/"]);

        var preview = await Get<RegisterFolder>().PreviewAsync(request, Admin, Token);
        var tree = await ScannedAsync(request);

        // Two files, and a folder that nobody looked into; a link that would have been met is told of all the same.
        Assert.Equal((2, 3, 1), (preview.Files, preview.Excluded, preview.ProblemCount));
        Assert.Equal((2, 3, 1), (tree.FilesFound, tree.Excluded, tree.Problems));
        Assert.Equal([$"{id}/raw/1.h5", $"{id}/raw/deep/2.h5"], await KeysAsync(id));
        Assert.Equal(["*.h5", "*.none"], tree.Patterns.Include);
        Assert.Equal(["backup/"], tree.Patterns.Exclude);

        Write(folder, "backup/3.h5");
        Write(folder, "raw/4.h5");
        tree = await RescanAsync(tree.Id);
        Assert.Equal((3, 1, 0, 3), (tree.FilesFound, tree.FilesAdded, tree.FilesRemoved, tree.Excluded));
    }

    [Fact]
    public async Task A_folder_of_which_nothing_is_taken_makes_no_sequence()
    {
        var (folder, id) = (NewFolder(), NewId());
        Write(folder, $"{id}-a/1.h5");
        Write(folder, $"{id}-b/1.txt");
        var request = new RegisterRequest(folder, TestFacility.Proposal, null, 1, ["*.h5"]);
        Assert.Equal(1, (await Get<RegisterFolder>().PreviewAsync(request, Admin, Token)).SequenceCount);
        var tree = await ScannedAsync(request);
        Assert.Equal((1, 1, 1), (tree.SequenceCount, tree.FilesAdded, tree.Excluded));
        Assert.Equal("not-found", (await RefusedAsync(() => SequenceAsync(id + "-b"))).Reason);
    }

    [Fact]
    public async Task Other_patterns_add_what_they_take_and_take_out_what_they_leave_out()
    {
        var (folder, id) = (NewFolder(), NewId());
        foreach (var path in new[] { "1.h5", "2.cbf", "raw/3.cbf", "log" })
            Write(folder, path);
        var before = Snapshot(folder);
        var tree = await ScannedAsync(new RegisterRequest(folder, TestFacility.Proposal, id, 0, ["*.h5"]));
        Assert.Equal([$"{id}/1.h5"], await KeysAsync(id));

        async Task<RegisteredTree> ChangeAsync(string[]? include, string[]? exclude)
        {
            var begun = await Get<ChangePatterns>().HandleAsync(tree.Id, include, exclude, Admin, Token);
            Assert.Equal((RegistrationState.Running, tree.Scan + 1), (begun.State, begun.Scan));
            Assert.Equal(
                "registration-running",
                (await RefusedAsync(() => Get<ChangePatterns>().HandleAsync(tree.Id, [], [], Admin, Token))).Reason
            );
            return tree = await WorkAsync(tree.Id);
        }

        await ChangeAsync(["*.cbf"], null);
        Assert.Equal((2, 2, 1, 2), (tree.FilesFound, tree.FilesAdded, tree.FilesRemoved, tree.Excluded));
        Assert.Equal([$"{id}/2.cbf", $"{id}/raw/3.cbf"], await KeysAsync(id));
        Assert.Equal((2, 16), ((await SequenceAsync(id)).FileCount, (await SequenceAsync(id)).SizeBytes));
        await ChangeAsync(null, ["raw/"]);
        Assert.Equal(["*.cbf"], tree.Patterns.Include);
        Assert.Equal([$"{id}/2.cbf"], await KeysAsync(id));
        await ChangeAsync([], []);
        Assert.Equal(4, tree.FilesFound);
        Assert.Equal(before, Snapshot(folder));

        Assert.Equal(
            "registration-pattern",
            (await RefusedAsync(() => Get<ChangePatterns>().HandleAsync(tree.Id, [".."], [], Admin, Token))).Reason
        );
        Assert.Equal(
            "facility-only",
            (
                await RefusedAsync(() => Get<ChangePatterns>().HandleAsync(tree.Id, [], [], TestFacility.Leader, Token))
            ).Reason
        );
        Assert.Equal(4, (await KeysAsync(id)).Count);
    }
}
