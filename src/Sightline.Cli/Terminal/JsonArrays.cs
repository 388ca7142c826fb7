using System.Text.Json;

namespace Sightline.Cli.Terminal;

/// <summary>Arrays of a JSON document, and numbers that may be missing, written without reflection.</summary>
internal static class JsonArrays
{
    extension(Utf8JsonWriter json)
    {
        /// <summary>A number, or null where there is none: JSON has no NaN.</summary>
        /// <param name="name">The member's name.</param>
        /// <param name="value">Its value.</param>
        public void WriteFinite(string name, double? value)
        {
            if (value is double number && double.IsFinite(number))
                json.WriteNumber(name, number);
            else
                json.WriteNull(name);
        }

        /// <summary>An array of strings.</summary>
        /// <param name="name">The member's name.</param>
        /// <param name="values">Its elements.</param>
        public void WriteStrings(string name, IEnumerable<string> values)
        {
            json.WriteStartArray(name);
            foreach (string value in values)
                json.WriteStringValue(value);
            json.WriteEndArray();
        }

        /// <summary>An array of numbers.</summary>
        /// <param name="name">The member's name.</param>
        /// <param name="values">Its elements; must be finite.</param>
        public void WriteNumbers(string name, params IEnumerable<double> values)
        {
            json.WriteStartArray(name);
            foreach (double value in values)
                json.WriteNumberValue(value);
            json.WriteEndArray();
        }

        /// <summary>The array <c>unreadable</c>: inputs that were left out, and why.</summary>
        /// <param name="failures">Why each was.</param>
        public void WriteUnreadable(IEnumerable<BadInputException> failures) => json.WriteObjects("unreadable", failures, failure =>
        {
            json.WriteString("code", failure.Code);
            json.WriteString("message", failure.Message);
        });

        /// <summary>An array of objects.</summary>
        /// <param name="name">The member's name.</param>
        /// <param name="items">One for each object.</param>
        /// <param name="write">Writes the object's members.</param>
        public void WriteObjects<T>(string name, IEnumerable<T> items, Action<T> write)
        {
            json.WriteStartArray(name);
            foreach (T item in items)
            {
                json.WriteStartObject();
                write(item);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
    }
}
