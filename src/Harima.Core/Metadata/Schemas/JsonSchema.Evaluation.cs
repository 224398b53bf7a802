using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Harima.Metadata.Schemas;

partial class JsonSchema
{
    /// <summary>Which members and items of one value some schema has looked at, for the unevaluated… keywords.</summary>
    sealed class Seen
    {
        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);
        public HashSet<int> Items { get; } = [];

        public void Add(Seen other)
        {
            Names.UnionWith(other.Names);
            Items.UnionWith(other.Items);
        }
    }

    sealed class Evaluation(JsonSchema schema, bool formats)
    {
        const int MaxDepth = 200;

        readonly List<string> _scope = [];
        int _depth;

        /// <param name="problems">Null where only yes or no matters.</param>
        public bool Evaluate(SchemaPlace place, PlacedJson value, string path, List<SchemaProblem>? problems) =>
            Evaluate(place, value, path, problems, new Seen());

        bool Evaluate(SchemaPlace place, PlacedJson value, string path, List<SchemaProblem>? problems, Seen seen)
        {
            if (place.Schema.Kind == JsonValueKind.False)
                return Wrong(problems, value, path, "false");
            // Deeper than any document is only a schema that refers to itself without looking at a member.
            if (place.Schema.Kind != JsonValueKind.Object || _depth > MaxDepth)
                return true;
            _depth++;
            _scope.Add(place.Base);
            try
            {
                var now = new Seen();
                var good = Keywords(place, value, path, problems, now);
                if (good)
                    seen.Add(now);
                return good;
            }
            finally
            {
                _scope.RemoveAt(_scope.Count - 1);
                _depth--;
            }
        }

        bool Keywords(SchemaPlace place, PlacedJson value, string path, List<SchemaProblem>? problems, Seen seen)
        {
            var node = place.Schema;
            var good = true;
            if (node.Find("$ref") is { Kind: JsonValueKind.String } reference)
            {
                good = Reference(schema.Follow(reference.Text, place.Base), reference, value, path, problems, seen);
                if (schema.IsDraft7)
                    return good;
            }
            if (!schema.IsDraft7 && node.Find("$dynamicRef") is { Kind: JsonValueKind.String } dynamic)
                good &= Reference(FollowDynamic(dynamic.Text, place.Base), dynamic, value, path, problems, seen);
            good &= AnyValue(node, value, path, problems);
            good &= value.Kind switch
            {
                JsonValueKind.String => OfString(node, value, path, problems),
                JsonValueKind.Number => OfNumber(node, value, path, problems),
                JsonValueKind.Array => OfArray(place, value, path, problems, seen),
                JsonValueKind.Object => OfObject(place, value, path, problems, seen),
                _ => true,
            };
            good &= Combinations(place, value, path, problems, seen);
            if (!schema.IsDraft7)
                good &= Unevaluated(place, value, path, problems, seen);
            return good;
        }

        bool Reference(
            SchemaPlace? target,
            PlacedJson reference,
            PlacedJson value,
            string path,
            List<SchemaProblem>? problems,
            Seen seen
        ) =>
            target is null
                ? Wrong(problems, value, path, "$ref", reference.Text)
                : Evaluate(target with { Base = target.Base }, value, path, problems, seen);

        SchemaPlace? FollowDynamic(string reference, string @base)
        {
            var found = schema.Follow(reference, @base);
            var hash = reference.IndexOf('#', StringComparison.Ordinal);
            var anchor = hash < 0 ? "" : reference[(hash + 1)..];
            if (found?.Schema.Kind != JsonValueKind.Object || found.Schema.Find("$dynamicAnchor")?.Text != anchor)
                return found;
            foreach (var resource in _scope)
                if (schema.FindDynamic(resource, anchor) is { } outermost)
                    return outermost;
            return found;
        }

        static bool AnyValue(PlacedJson node, PlacedJson value, string path, List<SchemaProblem>? problems)
        {
            var good = true;
            if (node.Find("type") is { } type)
            {
                string[] wanted =
                    type.Kind == JsonValueKind.Array ? [.. type.Items.Select(item => item.Text)] : [type.Text];
                if (!wanted.Any(name => Is(value, name)))
                {
                    good = false;
                    var (en, ja) = SchemaSentences.OfType(wanted, NameOf(value));
                    Add(problems, value.Place, path, "type", en, ja);
                }
            }
            if (node.Find("enum") is { Kind: JsonValueKind.Array } allowed)
            {
                var own = value.Canonical();
                if (!allowed.Items.Any(item => item.Canonical() == own))
                    good = Wrong(
                        problems,
                        value,
                        path,
                        "enum",
                        string.Join(", ", allowed.Items.Take(20).Select(Shown))
                    );
            }
            if (node.Find("const") is { } only && only.Canonical() != value.Canonical())
                good = Wrong(problems, value, path, "const", Shown(only));
            return good;
        }

        bool OfString(PlacedJson node, PlacedJson value, string path, List<SchemaProblem>? problems)
        {
            var good = true;
            if (node.Find("maxLength") is { } most && LengthOf(value.Text) > Double(most))
                good = Wrong(problems, value, path, "maxLength", most.Text);
            if (node.Find("minLength") is { } least && LengthOf(value.Text) < Double(least))
                good = Wrong(problems, value, path, "minLength", least.Text);
            if (node.Find("pattern") is { } pattern && !SchemaPattern.IsMatch(pattern.Text, value.Text))
                good = Wrong(problems, value, path, "pattern", pattern.Text);
            if (formats && node.Find("format") is { } format && !SchemaFormats.IsValid(format.Text, value.Text))
                good = Wrong(problems, value, path, "format", format.Text);
            return good;
        }

        static bool OfNumber(PlacedJson node, PlacedJson value, string path, List<SchemaProblem>? problems)
        {
            var good = true;
            void Must(string keyword, Func<int, bool> holds)
            {
                if (node.Find(keyword) is { Kind: JsonValueKind.Number } bound && !holds(Compare(value, bound)))
                    good = Wrong(problems, value, path, keyword, bound.Text);
            }
            Must("maximum", order => order <= 0);
            Must("exclusiveMaximum", order => order < 0);
            Must("minimum", order => order >= 0);
            Must("exclusiveMinimum", order => order > 0);
            if (node.Find("multipleOf") is { Kind: JsonValueKind.Number } step && !IsMultiple(value, step))
                good = Wrong(problems, value, path, "multipleOf", step.Text);
            return good;
        }

        bool OfArray(SchemaPlace place, PlacedJson value, string path, List<SchemaProblem>? problems, Seen seen)
        {
            var node = place.Schema;
            var good = true;
            var count = value.Items.Count;
            if (node.Find("maxItems") is { } most && count > Double(most))
                good = Wrong(problems, value, path, "maxItems", most.Text);
            if (node.Find("minItems") is { } least && count < Double(least))
                good = Wrong(problems, value, path, "minItems", least.Text);
            if (
                node.Find("uniqueItems")?.Kind == JsonValueKind.True
                && value.Items.Select(item => item.Canonical()).Distinct(StringComparer.Ordinal).Count() < count
            )
                good = Wrong(problems, value, path, "uniqueItems");
            var items = node.Find("items");
            var first = schema.IsDraft7
                ? (items?.Kind == JsonValueKind.Array ? items : null)
                : node.Find("prefixItems");
            var rest = schema.IsDraft7 && items?.Kind == JsonValueKind.Array ? node.Find("additionalItems") : items;
            for (var n = 0; n < count; n++)
            {
                var inner = first is not null && n < first.Items.Count ? first.Items[n] : rest;
                if (inner is null)
                    continue;
                seen.Items.Add(n);
                if (inner.Kind == JsonValueKind.False)
                    good = Wrong(problems, value.Items[n], At(path, n), "additionalItems");
                else
                    good &= Evaluate(Inner(place, inner), value.Items[n], At(path, n), problems);
            }
            return Contains(place, value, path, problems, seen) && good;
        }

        bool Contains(SchemaPlace place, PlacedJson value, string path, List<SchemaProblem>? problems, Seen seen)
        {
            if (place.Schema.Find("contains") is not { } contains)
                return true;
            var found = 0;
            for (var n = 0; n < value.Items.Count; n++)
                if (Evaluate(Inner(place, contains), value.Items[n], path, null))
                {
                    found++;
                    seen.Items.Add(n);
                }
            var least = schema.IsDraft7 || place.Schema.Find("minContains") is not { } min ? 1 : Double(min);
            if (found < least)
                return Wrong(problems, value, path, "contains", $"{least} +", $"{found}");
            if (!schema.IsDraft7 && place.Schema.Find("maxContains") is { } max && found > Double(max))
                return Wrong(problems, value, path, "contains", $"≤ {max.Text}", $"{found}");
            return true;
        }

        bool OfObject(SchemaPlace place, PlacedJson value, string path, List<SchemaProblem>? problems, Seen seen)
        {
            var node = place.Schema;
            var good = true;
            if (node.Find("maxProperties") is { } most && value.Members.Count > Double(most))
                good = Wrong(problems, value, path, "maxProperties", most.Text);
            if (node.Find("minProperties") is { } least && value.Members.Count < Double(least))
                good = Wrong(problems, value, path, "minProperties", least.Text);
            if (node.Find("required") is { Kind: JsonValueKind.Array } required)
                foreach (var name in required.Items.Where(name => value.Find(name.Text) is null))
                    good = Missing(place, value, path, problems, name.Text, "required", name.Text);
            good &= Members(place, value, path, problems, seen);
            return Dependencies(place, value, path, problems, seen) && good;
        }

        bool Members(SchemaPlace place, PlacedJson value, string path, List<SchemaProblem>? problems, Seen seen)
        {
            var node = place.Schema;
            var (properties, patterns, others) = (
                node.Find("properties"),
                node.Find("patternProperties"),
                node.Find("additionalProperties")
            );
            var names = node.Find("propertyNames");
            var good = true;
            foreach (var member in value.Members)
            {
                var below = Below(path, member.Name);
                var known = false;
                void Look(PlacedJson inner)
                {
                    known = true;
                    seen.Names.Add(member.Name);
                    good &= Evaluate(Inner(place, inner), member.Value, below, problems);
                }
                if (properties?.Find(member.Name) is { } named)
                    Look(named);
                foreach (var pattern in patterns?.Members ?? [])
                    if (SchemaPattern.IsMatch(pattern.Name, member.Name))
                        Look(pattern.Value);
                if (!known && others is { Kind: JsonValueKind.False })
                {
                    good = false;
                    var (en, ja) = SchemaSentences.Of("additionalProperties", member.Name);
                    Add(problems, value.PlaceOf(member), below, "additionalProperties", en, ja);
                }
                else if (!known && others is not null)
                    Look(others);
                if (names is not null && !NameFits(place, names, member.Name))
                    good = Wrong(problems, member.Value, below, "propertyNames", member.Name);
            }
            return good;
        }

        bool NameFits(SchemaPlace place, PlacedJson names, string name) =>
            Evaluate(Inner(place, names), PlacedJson.Parse(JsonSerializer.Serialize(name)), "$", null);

        bool Dependencies(SchemaPlace place, PlacedJson value, string path, List<SchemaProblem>? problems, Seen seen)
        {
            var good = true;
            foreach (var keyword in new[] { "dependencies", "dependentRequired", "dependentSchemas" })
            foreach (var member in place.Schema.Find(keyword)?.Members ?? [])
            {
                if (value.Find(member.Name) is null || (schema.IsDraft7 && keyword != "dependencies"))
                    continue;
                if (member.Value.Kind != JsonValueKind.Array)
                {
                    good &= Evaluate(Inner(place, member.Value), value, path, problems, seen);
                    continue;
                }
                foreach (var name in member.Value.Items.Where(name => value.Find(name.Text) is null))
                    good = Missing(
                        place,
                        value,
                        path,
                        problems,
                        name.Text,
                        "dependentRequired",
                        name.Text,
                        member.Name
                    );
            }
            return good;
        }

        bool Combinations(SchemaPlace place, PlacedJson value, string path, List<SchemaProblem>? problems, Seen seen)
        {
            var node = place.Schema;
            var good = true;
            foreach (var inner in node.Find("allOf")?.Items ?? [])
                good &= Evaluate(Inner(place, inner), value, path, problems, seen);
            if (node.Find("anyOf") is { Kind: JsonValueKind.Array } any)
                good &= Choice(place, any, "anyOf", value, path, problems, seen, fits => fits > 0);
            if (node.Find("oneOf") is { Kind: JsonValueKind.Array } one)
                good &= Choice(place, one, "oneOf", value, path, problems, seen, fits => fits == 1);
            if (node.Find("not") is { } not && Evaluate(Inner(place, not), value, path, null))
                good = Wrong(problems, value, path, "not");
            if (node.Find("if") is { } condition)
            {
                var holds = Evaluate(Inner(place, condition), value, path, null, seen);
                if (node.Find(holds ? "then" : "else") is { } branch)
                    good &= Evaluate(Inner(place, branch), value, path, problems, seen);
            }
            return good;
        }

        bool Choice(
            SchemaPlace place,
            PlacedJson forms,
            string keyword,
            PlacedJson value,
            string path,
            List<SchemaProblem>? problems,
            Seen seen,
            Func<int, bool> enough
        )
        {
            var fits = 0;
            List<SchemaProblem>? nearest = null;
            foreach (var form in forms.Items)
            {
                var found = problems is null ? null : new List<SchemaProblem>();
                if (Evaluate(Inner(place, form), value, path, found, seen))
                    fits++;
                // The form of the right type is the one that was meant: its own problems help more than "none fits".
                else if (found is not null && !found.Any(problem => problem.Keyword == "type" && problem.Path == path))
                    nearest = nearest is null || found.Count < nearest.Count ? found : nearest;
            }
            if (enough(fits))
                return true;
            if (fits == 0 && nearest is not null)
            {
                problems!.AddRange(nearest);
                return false;
            }
            return Wrong(problems, value, path, keyword, $"{forms.Items.Count}", $"{fits}");
        }

        bool Unevaluated(SchemaPlace place, PlacedJson value, string path, List<SchemaProblem>? problems, Seen seen)
        {
            var good = true;
            if (value.Kind == JsonValueKind.Object && place.Schema.Find("unevaluatedProperties") is { } names)
                foreach (var member in value.Members.Where(member => !seen.Names.Contains(member.Name)).ToList())
                {
                    seen.Names.Add(member.Name);
                    if (names.Kind == JsonValueKind.False)
                    {
                        good = false;
                        var (en, ja) = SchemaSentences.Of("additionalProperties", member.Name);
                        Add(problems, value.PlaceOf(member), Below(path, member.Name), "unevaluatedProperties", en, ja);
                    }
                    else
                        good &= Evaluate(Inner(place, names), member.Value, Below(path, member.Name), problems);
                }
            if (value.Kind == JsonValueKind.Array && place.Schema.Find("unevaluatedItems") is { } items)
                for (var n = 0; n < value.Items.Count; n++)
                    if (seen.Items.Add(n))
                        good &= Evaluate(Inner(place, items), value.Items[n], At(path, n), problems);
            return good;
        }

        SchemaPlace Inner(SchemaPlace place, PlacedJson inner) => new(inner, schema.BaseOf(inner, place.Base));

        bool Missing(
            SchemaPlace place,
            PlacedJson value,
            string path,
            List<SchemaProblem>? problems,
            string name,
            string keyword,
            params string[] values
        )
        {
            if (problems is null)
                return false;
            var (en, ja) = SchemaSentences.Of(keyword, values);
            var label = place.Schema.Find("properties")?.Find(name) is { } field
                ? SchemaLabel.Of(schema, Inner(place, field), name)
                : null;
            var (line, column) = value.Place;
            problems.Add(new SchemaProblem(line, column, Below(path, name), keyword, en, ja, label?.En, label?.Ja));
            return false;
        }

        static bool Wrong(
            List<SchemaProblem>? problems,
            PlacedJson value,
            string path,
            string keyword,
            params string[] values
        )
        {
            if (problems is null)
                return false;
            var (en, ja) = SchemaSentences.Of(keyword, values);
            Add(problems, value.Place, path, keyword, en, ja);
            return false;
        }

        static void Add(
            List<SchemaProblem>? problems,
            (int Line, int Column) place,
            string path,
            string keyword,
            string en,
            string ja
        ) => problems?.Add(new SchemaProblem(place.Line, place.Column, path, keyword, en, ja));
    }

    static string At(string path, int index) => FormattableString.Invariant($"{path}[{index}]");

    static string Below(string path, string name) => path + JsonPlaces.Segment(name);

    static bool Is(PlacedJson value, string type) =>
        type == NameOf(value) || (type == "integer" && value.Kind == JsonValueKind.Number && IsWhole(value.Text));

    static string NameOf(PlacedJson value) =>
        value.Kind switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Number => "number",
            JsonValueKind.Null => "null",
            _ => "boolean",
        };

    static bool IsWhole(string number)
    {
        var canonical = PlacedJson.CanonicalNumber(number);
        return canonical == "0" || canonical[canonical.IndexOf('E', StringComparison.Ordinal) + 1] != '-';
    }

    static int LengthOf(string text) => text.EnumerateRunes().Count();

    static double Double(PlacedJson number) =>
        double.Parse(number.Text, NumberStyles.Float, CultureInfo.InvariantCulture);

    static int Compare(PlacedJson value, PlacedJson bound) =>
        Decimal(value.Text) is { } exact && Decimal(bound.Text) is { } exactBound
            ? exact.CompareTo(exactBound)
            : Double(value).CompareTo(Double(bound));

    static bool IsMultiple(PlacedJson value, PlacedJson step)
    {
        if (Decimal(value.Text) is { } exact && Decimal(step.Text) is { } exactStep && exactStep != 0)
            return exact % exactStep == 0;
        var quotient = Double(value) / Double(step);
        return double.IsFinite(quotient)
            ? Math.Abs(quotient - Math.Round(quotient)) < 1e-9
            : IsWhole(value.Text) && IsWhole(step.Text);
    }

    /// <summary>Null where a decimal cannot hold it without loss.</summary>
    static decimal? Decimal(string number) =>
        decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
        && PlacedJson.CanonicalNumber(exact.ToString(CultureInfo.InvariantCulture))
            == PlacedJson.CanonicalNumber(number)
            ? exact
            : null;

    internal static string Shown(PlacedJson value) =>
        value.Kind == JsonValueKind.String ? value.Text : Encoding.UTF8.GetString(value.Bytes);
}
