using System.CommandLine;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Metadata;

static class SchemasCommand
{
    public static Command Build()
    {
        var command = new Command("schemas", "The metadata schemas that documents may follow")
        {
            BuildShow(),
            BuildRegister(),
        };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var schemas = await session.Rest.ListSchemasAsync(cancellationToken);
                return Answer.Write(
                    parsed,
                    schemas,
                    HarimaJson.Default.ItemsDtoSchemaDto,
                    all =>
                        Answer.Table(
                            ["SCHEMA", "DOCUMENT", "TECHNIQUE", "BEAMLINE", "TITLE"],
                            all.Items.Select(schema =>
                                new[]
                                {
                                    FormattableString.Invariant($"{schema.Id}/{schema.Version}"),
                                    schema.Kind.ToString().ToLowerInvariant(),
                                    schema.Technique,
                                    schema.Instrument,
                                    schema.Title,
                                }
                            )
                        )
                );
            }
        );
        return command;
    }

    static Command BuildShow()
    {
        var schema = new Argument<string>("schema") { Description = "Such as xafs or xafs/1" };
        var command = new Command("show", "Write a schema's text") { schema };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var (id, version) = MetadataCommand.SchemaOf(parsed.GetValue(schema)!);
                version ??= (await session.Rest.ListSchemaVersionsAsync(id, cancellationToken)).Items[0].Version;
                Console.Out.Write(await session.Rest.GetSchemaAsync(id, version.Value, cancellationToken));
                return FaultToExitCode.Done;
            }
        );
        return command;
    }

    static Command BuildRegister()
    {
        var id = new Argument<string>("id") { Description = "Such as xafs" };
        var file = new Argument<string>("file") { Description = "JSON Schema; - for standard input" };
        var kind = new Option<string>("--document")
        {
            Description = "measurement or sample",
            DefaultValueFactory = _ => "measurement",
        };
        var technique = new Option<string?>("--technique") { Description = "Only for this technique" };
        var beamline = new Option<string?>("--beamline") { Description = "Only for this beamline" };
        var general = new Option<bool>("--general") { Description = "The one to offer where no other suits" };
        var command = new Command("register", "Register a schema as the next version; for administrators")
        {
            id,
            file,
            kind,
            technique,
            beamline,
            general,
        };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var text = await MetadataCommand.ReadAsync(parsed.GetValue(file)!, cancellationToken);
                var schema = await session.Rest.RegisterSchemaAsync(
                    parsed.GetValue(id)!,
                    parsed.GetValue(kind)!,
                    parsed.GetValue(technique),
                    parsed.GetValue(beamline),
                    parsed.GetValue(general),
                    MetadataCommand.BodyOf(text),
                    cancellationToken
                );
                return Answer.Write(
                    parsed,
                    schema,
                    HarimaJson.Default.SchemaDto,
                    one => Console.Out.WriteLine($"{one.Id}/{one.Version} is registered.")
                );
            }
        );
        return command;
    }
}
