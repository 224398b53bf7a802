using System.Data.Common;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;

namespace Harima.Metadata.Schemas;

/// <param name="Id">Lower-case letters, digits, '-' and '_'.</param>
/// <param name="Technique">Such as XAFS; empty for any.</param>
/// <param name="Instrument">A beamline; empty for any.</param>
/// <param name="IsGeneral">Whether it takes the place of the schema that is offered where no other suits.</param>
/// <param name="Title">Null to take it from the schema's <c>title</c> or <c>label</c>.</param>
public sealed record RegisterSchemaRequest(
    string Id,
    MetadataKind Kind,
    string Technique,
    string Instrument,
    string? Title,
    string? TitleJa,
    string Json,
    bool IsGeneral = false
);

/// <summary>Registers schemas and retires them. Only the facility's administrators may.</summary>
public sealed class RegisterSchema(CatalogueWriter writer, Policy policy, Audit audit, TimeProvider time)
{
    /// <returns>The schema as it is now registered: with the next version, or the one that has this very text.</returns>
    /// <exception cref="FaultException">Forbidden; Invalid with line and column where the text is no schema.</exception>
    public async Task<MetadataSchema> HandleAsync(
        RegisterSchemaRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        if (
            request.Id.Length is 0 or > 64
            || !request.Id.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_')
        )
            throw Fault.Invalid(
                "schema-id",
                $"'{request.Id}' cannot be the id of a schema. Use 1 to 64 lower-case letters, digits, '-' or '_', such as xafs.",
                ("id", request.Id)
            );
        if (JsonSchema.CheckSchema(request.Json) is [var first, ..])
            throw Fault.Invalid(
                "schema-invalid",
                $"This is no schema that can be read here. Line {first.Line}, column {first.Column}: {first.Path} {first.Message}",
                ("line", $"{first.Line}"),
                ("column", $"{first.Column}"),
                ("path", first.Path),
                ("problem", first.Message)
            );
        return await writer.WriteAsync(
            transaction =>
            {
                var (schema, isNew) = Put(transaction, request, principal.Actor, time.Now());
                if (schema is null)
                    throw Fault.Conflict(
                        "schema-raced",
                        "Somebody registered this schema at the same moment. Look, then try again."
                    );
                if (request.IsGeneral)
                    MakeGeneral(transaction, schema);
                schema = schema with { IsGeneral = schema.IsGeneral || request.IsGeneral };
                if (isNew)
                    audit.Add(
                        transaction,
                        principal,
                        "schema.registered",
                        ResourceRef.Facility,
                        new { schema = schema.Name }
                    );
                return schema;
            },
            cancellationToken
        );
    }

    /// <summary>It is no longer offered; sequences that follow it go on.</summary>
    /// <exception cref="FaultException">Forbidden; NotFound.</exception>
    public async Task RetireAsync(
        string id,
        long version,
        bool retired,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        await writer.WriteAsync(
            transaction =>
            {
                var at = retired ? time.Now() : (DateTimeOffset?)null;
                var changed = transaction.Connection!.Execute(
                    "UPDATE metadata_schema SET retired_at = @at WHERE id = @id AND version = @version",
                    new
                    {
                        at,
                        id,
                        version,
                    },
                    transaction
                );
                if (changed == 0)
                    throw Fault.NotFound("Schema", FormattableString.Invariant($"{id}/{version}"));
                audit.Add(
                    transaction,
                    principal,
                    retired ? "schema.retired" : "schema.offered",
                    ResourceRef.Facility,
                    new { schema = FormattableString.Invariant($"{id}/{version}") }
                );
            },
            cancellationToken
        );
    }

    /// <summary>Offers this one where no other suits, instead of the one that was.</summary>
    /// <exception cref="FaultException">Forbidden; NotFound.</exception>
    public async Task MakeGeneralAsync(string id, Principal principal, CancellationToken cancellationToken)
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        await writer.WriteAsync(
            transaction =>
            {
                var schema =
                    transaction.Connection!.QueryFirstOrDefault<MetadataSchema>(
                        $"SELECT {MetadataSchemas.Columns} FROM metadata_schema WHERE id = @id ORDER BY version DESC",
                        new { id },
                        transaction
                    ) ?? throw Fault.NotFound("Schema", id);
                MakeGeneral(transaction, schema);
                audit.Add(transaction, principal, "schema.made-general", ResourceRef.Facility, new { schema = id });
            },
            cancellationToken
        );
    }

    static void MakeGeneral(DbTransaction transaction, MetadataSchema schema) =>
        transaction.Connection!.Execute(
            "UPDATE metadata_schema SET is_general = (id = @Id) WHERE kind = @kind",
            new { schema.Id, kind = schema.Kind.ToString().ToLowerInvariant() },
            transaction
        );

    /// <summary>Brings those Harima ships into the catalogue; what an administrator did to them since is kept.</summary>
    internal Task InstallAsync(CancellationToken cancellationToken) =>
        writer.WriteAsync(
            transaction =>
            {
                foreach (var request in BuiltInSchemas.All)
                    if (
                        Put(transaction, request, Principal.System.Actor, time.Now()) is ({ } schema, true)
                        && request.IsGeneral
                        && schema.Version == 1
                    )
                        MakeGeneral(transaction, schema);
            },
            cancellationToken
        );

    static (MetadataSchema? Schema, bool IsNew) Put(
        DbTransaction transaction,
        RegisterSchemaRequest request,
        string actor,
        DateTimeOffset at
    )
    {
        var versions = transaction
            .Connection!.Query<MetadataSchema>(
                $"SELECT {MetadataSchemas.Columns} FROM metadata_schema WHERE id = @Id ORDER BY version DESC",
                new { request.Id },
                transaction
            )
            .AsList();
        var kind = request.Kind.ToString().ToLowerInvariant();
        if (
            versions.Find(known =>
                known.Json == request.Json
                && known.Kind == request.Kind
                && known.Technique == request.Technique
                && known.Instrument == request.Instrument
            ) is
            { } same
        )
            return (same, false);
        var schema = JsonSchema.Parse(request.Json);
        var label = SchemaLabel.Of(schema, new SchemaPlace(schema.Root, ""), request.Id);
        var registered = new MetadataSchema
        {
            Id = request.Id,
            Version = versions.Count > 0 ? versions[0].Version + 1 : 1,
            Kind = request.Kind,
            Technique = request.Technique.Trim(),
            Instrument = request.Instrument.Trim(),
            // The next version of the general one is general too.
            IsGeneral = versions.Exists(known => known.IsGeneral),
            Title = Given(request.Title) ?? label.En,
            TitleJa = Given(request.TitleJa) ?? Given(request.Title) ?? label.Ja,
            Json = request.Json,
            RegisteredAt = at,
            RegisteredBy = actor,
        };
        var inserted = transaction.Connection!.Execute(
            """
            INSERT INTO metadata_schema (id, version, kind, technique, instrument, is_general, title, title_ja, json, registered_at, registered_by)
            VALUES (@Id, @Version, @kind, @Technique, @Instrument, @IsGeneral, @Title, @TitleJa, @Json, @RegisteredAt, @RegisteredBy)
            ON CONFLICT (id, version) DO NOTHING
            """,
            new
            {
                registered.Id,
                registered.Version,
                kind,
                registered.Technique,
                registered.Instrument,
                registered.IsGeneral,
                registered.Title,
                registered.TitleJa,
                registered.Json,
                registered.RegisteredAt,
                registered.RegisteredBy,
            },
            transaction
        );
        // Another replica was first with this version: with the same text at start-up, with who knows what otherwise.
        return inserted > 0 ? (registered, true) : (null, false);
    }

    static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    /// <exception cref="FaultException">Forbidden.</exception>
    public async Task RequireAdministratorAsync(Principal principal, CancellationToken cancellationToken)
    {
        if (await policy.RightOnAsync(principal, [ResourceRef.Facility], cancellationToken) < Right.Manage)
            throw Fault.Forbidden("facility-only", "Only the facility's administrators register schemas.");
    }
}
