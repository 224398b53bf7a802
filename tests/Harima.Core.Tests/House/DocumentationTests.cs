using System.Text.RegularExpressions;

namespace Harima.Core.Tests.House;

/// <summary>Documents say what is there: links lead somewhere, and named files and methods exist.</summary>
public sealed partial class DocumentationTests
{
    static IEnumerable<string> Pages() =>
        Directory
            .EnumerateFiles(Repository.Root, "*.md")
            .Concat(
                Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            );

    [Fact]
    public void Every_relative_link_leads_to_a_file()
    {
        var broken =
            from page in Pages()
            from link in Link().Matches(File.ReadAllText(page)).Select(match => match.Groups[1].Value)
            where !link.Contains("://", StringComparison.Ordinal) && !link.StartsWith('#')
            let target = Path.Combine(Path.GetDirectoryName(page)!, link.Split('#')[0])
            where !File.Exists(target) && !Directory.Exists(target)
            select $"{Repository.Relative(page)} -> {link}";
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_file_that_a_page_names_exists()
    {
        var sources = Repository.SourceFiles("src").Concat(Repository.SourceFiles("tests")).ToList();
        var missing =
            from page in Pages()
            from name in SourceName().Matches(File.ReadAllText(page)).Select(match => match.Groups[1].Value)
            where !sources.Any(file => file.EndsWith("/" + name, StringComparison.Ordinal))
            select $"{Repository.Relative(page)} names {name}";
        Assert.Empty(missing.Distinct());
    }

    [Fact]
    public void Every_method_that_ARCHITECTURE_names_exists()
    {
        var code = string.Concat(Repository.SourceFiles("src").Select(File.ReadAllText));
        var text = File.ReadAllText(Path.Combine(Repository.Root, "ARCHITECTURE.md"));
        var missing = MethodName()
            .Matches(text)
            .Select(match => match.Groups[1].Value)
            .Where(name =>
                !code.Contains($" {name}(", StringComparison.Ordinal)
                && !code.Contains($" {name}<", StringComparison.Ordinal)
            );
        Assert.Empty(missing.Distinct());
    }

    [Fact]
    public void Every_dependency_has_its_line_of_reason()
    {
        var reasons = File.ReadAllText(Path.Combine(Repository.Root, "docs", "decisions", "0002-dependencies.md"));
        var packages = PackageName()
            .Matches(File.ReadAllText(Path.Combine(Repository.Root, "Directory.Packages.props")))
            .Select(match => match.Groups[1].Value);
        var silent = packages.Where(package =>
            !reasons.Contains(package, StringComparison.Ordinal)
            && !reasons.Contains("." + package.Split('.')[2], StringComparison.Ordinal)
        );
        Assert.Empty(silent);
    }

    [Fact]
    public void Every_decision_has_a_status_a_context_and_consequences()
    {
        foreach (var page in Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs", "decisions"), "*.md"))
        {
            var text = File.ReadAllText(page);
            foreach (var part in new[] { "**Status**", "**Context.**", "**Decision.**", "**Consequences.**" })
                Assert.True(text.Contains(part, StringComparison.Ordinal), $"{Repository.Relative(page)} lacks {part}");
        }
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    // `Sequences/AddFile.cs`, but not `X.cs` patterns with placeholders or lists in braces.
    [GeneratedRegex(@"`(?:[\w./]*/)?(\w+(?:\.\w+)*\.cs)`")]
    private static partial Regex SourceName();

    [GeneratedRegex(@"\b(\w+Async)\b")]
    private static partial Regex MethodName();

    [GeneratedRegex("PackageVersion Include=\"([^\"]+)\"")]
    private static partial Regex PackageName();
}
