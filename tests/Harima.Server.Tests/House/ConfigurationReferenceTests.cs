using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Harima.Catalogue;
using Harima.Hosting;

namespace Harima.House;

/// <summary>
/// <c>docs/reference/configuration.md</c> is made from the options classes and their doc comments. After a change of one of
/// them run this test with <c>HARIMA_UPDATE=1</c>, and commit the page.
/// </summary>
public sealed partial class ConfigurationReferenceTests
{
    [Fact]
    public async Task The_page_names_every_setting_with_its_default_and_meaning()
    {
        var page = Render();
        var file = Path.Combine(Root(), "docs", "reference", "configuration.md");
        if (Environment.GetEnvironmentVariable("HARIMA_UPDATE") == "1")
            await File.WriteAllTextAsync(file, page, TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), page);
    }

    static string Render()
    {
        var text = new StringBuilder(
            """
            # Configuration

            Settings come from `appsettings.json` beside the server, environment variables (`Harima__Server__Port=8080`) and the command
            line (`--Harima:Server:Port 8080`; short forms: `--address`, `--port`, `--s3-port`, `--data`, `--database`, `--demo`), later ones winning.
            A wrong value stops the start with a message that names its key.


            """
        );
        foreach (var type in OptionsTypes())
        {
            var section = (string)type.GetField("Section")!.GetValue(null)!;
            text.Append(CultureInfo.InvariantCulture, $"## {section}\n\n{Meaning(type, "T:" + type.FullName)}\n\n");
            text.Append("| key | default | meaning |\n| --- | --- | --- |\n");
            var defaults = Activator.CreateInstance(type, nonPublic: true)!;
            foreach (var property in type.GetProperties().OrderBy(property => property.MetadataToken))
            {
                var meaning = Meaning(type, $"P:{type.FullName}.{property.Name}");
                Assert.False(string.IsNullOrEmpty(meaning), $"{type.Name}.{property.Name} has no doc comment");
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| `{section}:{property.Name}` | {Text(property.GetValue(defaults))} | {meaning} |\n"
                );
            }
            text.Append('\n');
        }
        return text.ToString().TrimEnd('\n') + "\n";
    }

    static IEnumerable<Type> OptionsTypes() =>
        new[] { typeof(DataOptions).Assembly, typeof(HarimaHost).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type =>
                type.Name.EndsWith("Options", StringComparison.Ordinal)
                && type.GetField("Section", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
                    is not null
            )
            .OrderBy(type => (string)type.GetField("Section")!.GetValue(null)!, StringComparer.Ordinal);

    static string Text(object? value) =>
        value switch
        {
            null or "" => "",
            bool flag => flag ? "`true`" : "`false`",
            string text => $"`{text}`",
            IEnumerable => "",
            IFormattable number => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
            _ => "",
        };

    static string Meaning(Type type, string member)
    {
        var file = Path.Combine(AppContext.BaseDirectory, type.Assembly.GetName().Name + ".xml");
        var summary = XDocument
            .Load(file)
            .Descendants("member")
            .FirstOrDefault(element => (string?)element.Attribute("name") == member)
            ?.Element("summary");
        if (summary is null)
            return "";
        var parts = summary
            .Nodes()
            .Select(node =>
                node is XElement { Name.LocalName: "c" } code ? $"`{code.Value}`"
                : node is XElement element ? element.Value + ((string?)element.Attribute("cref"))?.Split('.')[^1]
                : node.ToString(SaveOptions.DisableFormatting)
            );
        var text = System.Net.WebUtility.HtmlDecode(string.Concat(parts)).Trim();
        return Blanks().Replace(text, " ").Replace("|", "\\|", StringComparison.Ordinal);
    }

    static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Harima.slnx")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
