using Harima.Storage;

namespace Harima.Core.Tests.Registration;

/// <summary>A walk through a tree, which a scan compares with the catalogue side by side.</summary>
public sealed class FolderWalkTests
{
    [Fact]
    public void A_walk_is_in_the_order_of_keys_and_can_be_taken_up_anywhere()
    {
        var folder = Directory.CreateTempSubdirectory("harima-walk-").FullName;
        var random = new Random(20261127);
        string[] names = ["a", "a.b", "a-", "a0", "あ", "𠮷", "豈", "z", "A b", "a!"];
        for (var n = 0; n < 300; n++)
        {
            var depth = random.Next(1, 4);
            var path = string.Join(
                '/',
                Enumerable
                    .Range(0, depth)
                    .Select(level => names[random.Next(names.Length)] + (level == depth - 1 ? ".f" : ""))
            );
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
            File.WriteAllText(Path.Combine(folder, path), "measured");
        }
        var all = WalkOf(null);
        Assert.Equal(
            Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Count(),
            all.Distinct(StringComparer.Ordinal).Count()
        );
        Assert.Equal(all.OrderBy(path => path, Comparer<string>.Create(KeyOrder.Compare)), all);
        foreach (var after in all.Where((_, n) => n % 7 == 0).Append("a/never"))
            Assert.Equal(all.Where(path => KeyOrder.Compare(path, after) > 0), WalkOf(after));

        List<string> WalkOf(string? after)
        {
            using var walk = new FolderWalk(Posix.OpenBeneath(folder, "", folder: true, out _)!, after);
            var paths = new List<string>();
            while (walk.Next() is { } walked)
                paths.Add(walked.Path);
            return paths;
        }
    }
}
